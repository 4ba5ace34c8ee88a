#include "tasks/frame.h"

#define PSR_OF_TASKS 0x80000340 /* S, MM, EE, IE */

static uint32_t *push(uint32_t *top, uint32_t count, uint32_t value)
{
    while (count--) {
        *--top = value;
    }
    return top;
}

uint32_t *leave(uint32_t *top, uint32_t pc, uint32_t link, uint32_t also_saved)
{
    top = push(top, 1, pc);
    top = push(top, 1, PSR_OF_TASKS);
    top = push(top, 1, link);
    top = push(top, 14, 0x13131313);
    if (also_saved & HIGH_REGISTERS) {
        top = push(top, 16, 0x31313131);
    }
    if (also_saved & FLOAT_REGISTERS) {
        top = push(top, 16, 0x12345678);
    }
    return top;
}
