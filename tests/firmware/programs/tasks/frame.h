/* What a task switch leaves on the stack of a task. */
#ifndef TASKS_FRAME_H
#define TASKS_FRAME_H

#include <stdint.h>

enum { HIGH_REGISTERS = 1, FLOAT_REGISTERS = 2 };

/* The frame of a task that goes on at `pc` and returns to `link`; the new top of the stack. */
uint32_t *leave(uint32_t *top, uint32_t pc, uint32_t link, uint32_t also_saved);

/* Calls a function on another stack. */
void run_on(uint32_t *top, void (*function)(void));

#endif
