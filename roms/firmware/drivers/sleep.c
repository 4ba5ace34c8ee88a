/* Register use follows wm_hal_pmu.c of wm_iot_sdk. */
#include "drivers/sleep.h"

#include "chip/pmu.h"
#include "kernel/interrupts.h"
#include "kernel/kernel.h"

static struct semaphore awake;

RAM_CODE static void on_pmu_interrupt(void *unused)
{
    (void)unused;
    PMU->timer0 = 0; /* it would run again */
    PMU->flags = PMU_FLAG_TIMER0;
    semaphore_give(&awake);
}

static void set_alarm(uint32_t seconds)
{
    PMU->control = (PMU->control | PMU_CONTROL_CALIBRATE) & ~PMU_CONTROL_BYPASS_32K;
    PMU->flags = PMU_FLAG_TIMER0 | PMU_FLAG_IO_WAKEUP | PMU_FLAG_WOKE_FROM_STANDBY | PMU_FLAG_WOKE_FROM_SLEEP;
    PMU->timer0 = seconds | PMU_TIMER_ENABLE;
}

void sleep_for(uint32_t seconds)
{
    interrupt_attach(INTERRUPT_PMU, on_pmu_interrupt, 0);
    set_alarm(seconds);
    PMU->control |= PMU_CONTROL_SLEEP;
    semaphore_take(&awake, FOREVER);
}

void standby_for(uint32_t seconds)
{
    interrupts_disable();
    set_alarm(seconds);
    PMU->control |= PMU_CONTROL_STANDBY;
    for (;;) {
    }
}
