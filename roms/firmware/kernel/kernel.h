/* A small preemptive kernel: tasks with fixed priorities, round robin among equals, a 1 kHz tick.
 *
 * Functions marked "from interrupts too" may be called by handlers; they and their data are in SRAM. */
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#define TICKS_PER_SECOND 1000u
#define FOREVER          UINT32_MAX

enum task_state { TASK_READY, TASK_WAITING, TASK_ENDED };

struct task {
    uint32_t *stack_pointer;
    const char *name;
    struct task *next;      /* all tasks are in a ring */
    const void *waits_for;  /* a semaphore, or none: just for its time to come */
    uint32_t wake_tick;
    bool has_wake_tick;
    bool timed_out;
    uint8_t priority;       /* the highest number runs */
    enum task_state state;
};

struct semaphore {
    uint32_t count;
};

/* The stack is an array of words that the caller sets aside. A task whose entry returns has ended. */
void task_create(struct task *task, const char *name, uint8_t priority, void (*entry)(void *), void *argument,
                 uint32_t *stack, uint32_t stack_words);
void task_sleep_ms(uint32_t duration_ms);

/* Starts the tick and the first task; does not return. */
void kernel_start(uint32_t cpu_hz) __attribute__((noreturn));

/* Milliseconds since kernel_start(), from interrupts too; 0 before. */
uint32_t kernel_ticks(void);
bool kernel_is_running(void);

/* While locked no other task runs; interrupts go on. Locks nest; a task that holds one must not sleep. */
void kernel_lock(void);
void kernel_unlock(void);

/* False when the time is over. */
bool semaphore_take(struct semaphore *semaphore, uint32_t timeout_ms);
void semaphore_give(struct semaphore *semaphore); /* from interrupts too */

#endif
