/* Interrupts of the CPU and of the vector interrupt controller. */
#ifndef KERNEL_INTERRUPTS_H
#define KERNEL_INTERRUPTS_H

#include <stdint.h>

#include "chip/vic.h"

#define PSR_IE (1u << 6)

/* Also part of code that runs from SRAM, which must not call a copy in flash. */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

typedef void (*interrupt_handler)(void *argument);

/* Handlers and what they use must be RAM_CODE and in SRAM: the flash may be busy when they run. */
void interrupt_attach(enum interrupt number, interrupt_handler handler, void *argument);

/* Sets up vectors, interrupt stack and controller; interrupts of the CPU stay off. */
void interrupts_start(uint32_t *interrupt_stack_top);

ALWAYS_INLINE uint32_t processor_status(void)
{
    uint32_t psr;
    __asm__ volatile("mfcr %0, psr" : "=r"(psr));
    return psr;
}

/* Begins a critical section; the result is for interrupts_restore(). */
ALWAYS_INLINE uint32_t interrupts_disable(void)
{
    const uint32_t psr = processor_status();
    __asm__ volatile("psrclr ie" ::: "memory");
    return psr;
}

ALWAYS_INLINE void interrupts_restore(uint32_t psr)
{
    if (psr & PSR_IE) {
        __asm__ volatile("psrset ie" ::: "memory");
    }
}

/* Sleeps until an interrupt. */
ALWAYS_INLINE void wait_for_interrupt(void)
{
    __asm__ volatile("wait" ::: "memory");
}

#endif
