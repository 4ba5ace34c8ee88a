/* The six timers. Source: wm_timer_reg_struct.h of wm_iot_sdk. */
#ifndef INTERRUPTS_TIMERS_H
#define INTERRUPTS_TIMERS_H

#include <stdint.h>

#define TIMER_COUNT 6u

struct timers {
    volatile uint32_t config; /* APB clock in MHz - 1: makes microseconds */
    volatile uint32_t control;
    volatile uint32_t period[TIMER_COUNT];
    volatile uint32_t current[TIMER_COUNT];
};

/* Bits of control, for timer n. */
#define TIMER_ONCE(n)        (1u << (1 + 5 * (n)))
#define TIMER_ENABLE(n)      (1u << (2 + 5 * (n)))
#define TIMER_INTERRUPT(n)   (1u << (3 + 5 * (n)))
#define TIMER_EXPIRED(n)     (1u << (4 + 5 * (n))) /* write 1 to clear */

#define TIMERS               ((struct timers *)0x40011800)
#define INTERRUPT_TIMERS     30
#define RCC_CLOCK_TIMERS     (1u << 10)

#endif
