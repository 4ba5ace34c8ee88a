/* Dispatch of interrupts to drivers. Register use follows cpu_init.c and wm_hal_irq.c of wm_iot_sdk. */
#include "kernel/interrupts.h"

#define CHR_INTERRUPT_STACK (1u << 14) /* ISE: interrupts run on Int_SP */
#define CHR_ACCEPT          (1u << 4)  /* IAE, set as cpu_init() does */

static struct {
    interrupt_handler handler;
    void *argument;
} attached[INTERRUPT_COUNT];

void interrupts_start(uint32_t *interrupt_stack_top)
{
    extern uint32_t __vectors_in_ram[];
    uint32_t chr;

    __asm__ volatile("mtcr %0, vbr" ::"r"(__vectors_in_ram));
    __asm__ volatile("mtcr %0, cr<15, 1>" ::"r"(interrupt_stack_top));
    __asm__ volatile("mfcr %0, cr<31, 0>" : "=r"(chr));
    __asm__ volatile("mtcr %0, cr<31, 0>" ::"r"(chr | CHR_INTERRUPT_STACK | CHR_ACCEPT));

    VIC->task_priority = 0xFF; /* switch tasks after everything else */
    VIC->active[0] = 0;
    VIC->clear_enable[0] = ~0u;
    VIC->clear_pending[0] = ~0u;
}

void interrupt_attach(enum interrupt number, interrupt_handler handler, void *argument)
{
    const uint32_t bit = 1u << number;

    attached[number].handler = handler;
    attached[number].argument = argument;
    VIC->clear_pending[0] = bit;
    VIC->set_enable[0] = bit;
    VIC->set_wakeup[0] = bit;
}

RAM_CODE void interrupt_dispatch(void)
{
    const uint32_t number = (processor_status() >> 16 & 0xFF) - FIRST_INTERRUPT_VECTOR;

    if (number < INTERRUPT_COUNT && attached[number].handler) {
        attached[number].handler(attached[number].argument);
    }
}
