/* The vector interrupt controller and the core timer. Source: core_804.h of wm_iot_sdk. */
#ifndef CHIP_VIC_H
#define CHIP_VIC_H

#include <stdint.h>

#include "chip/memory_map.h"

/* Interrupt numbers, from wm_irq.h. The vector is the number + 32. */
enum interrupt {
    INTERRUPT_UART0 = 16,
    INTERRUPT_UART1 = 17,
    INTERRUPT_BLUETOOTH_LE = 20,
    INTERRUPT_CORE_TIMER = 25,
    INTERRUPT_PMU = 29,
    INTERRUPT_COUNT = 32,
};

#define FIRST_INTERRUPT_VECTOR 32u

/* Every first array is four words long, of which this chip has one. */
struct vic {
    volatile uint32_t set_enable[16];    /* ISER +0x000 */
    volatile uint32_t set_wakeup[16];    /* IWER +0x040 */
    volatile uint32_t clear_enable[16];  /* ICER +0x080 */
    volatile uint32_t clear_wakeup[16];  /* IWDR +0x0C0 */
    volatile uint32_t set_pending[16];   /* ISPR +0x100 */
    volatile uint32_t secure[16];        /* ISSR +0x140 */
    volatile uint32_t clear_pending[16]; /* ICPR +0x180 */
    volatile uint32_t insecure[16];      /* ICSR +0x1C0 */
    volatile uint32_t active[64];        /* IABR +0x200 */
    volatile uint32_t priority[512];     /* IPR  +0x300, 32 words */
    volatile uint32_t status;            /* ISR  +0xB00 */
    volatile uint32_t threshold;         /* IPTR +0xB04 */
    volatile uint32_t task_pending;      /* TSPEND +0xB08: writing 1 asks for exception 22, the task switch */
    volatile uint32_t task_active;       /* TSABR  +0xB0C */
    volatile uint32_t task_priority;     /* TSPR   +0xB10 */
};

struct core_timer {
    volatile uint32_t control; /* CTRL: reading clears COUNTFLAG, bit 16 */
    volatile uint32_t reload;  /* LOAD, 24 bits */
    volatile uint32_t value;   /* VAL: counts down; any write clears it */
    volatile uint32_t calibration;
};

#define CORE_TIMER_ENABLE    (1u << 0)
#define CORE_TIMER_INTERRUPT (1u << 1)
#define CORE_TIMER_CPU_CLOCK (1u << 2)

#define VIC                  ((struct vic *)VIC_BASE)
#define CORE_TIMER           ((struct core_timer *)CORE_TIMER_BASE)

#endif
