/* The reason is kept where wm_debug.c of wm_iot_sdk keeps it; the reset is that of wm_hal_wdt.c. */
#include "start/reboot.h"

#include <stdint.h>

#include "chip/memory_map.h"
#include "chip/watchdog.h"
#include "kernel/interrupts.h"

#define REASON_WORD       (*(volatile uint32_t *)REBOOT_REASON_ADDRESS)
#define REASON_MASK       0xFFu
#define RESET_AFTER_TICKS 0x100u /* of the APB clock; the reset comes the second time they are over */

enum reboot_reason reboot_reason(void)
{
    const uint32_t reason = REASON_WORD & REASON_MASK;

    return reason < REBOOT_REASON_COUNT ? (enum reboot_reason)reason : REBOOT_POWER_ON;
}

void reboot_reason_set(enum reboot_reason reason)
{
    REASON_WORD = (REASON_WORD & ~REASON_MASK) | reason;
}

void reboot(enum reboot_reason reason)
{
    interrupts_disable();
    reboot_reason_set(reason);
    WATCHDOG->control = 0;
    WATCHDOG->interrupt_clear = 1;
    WATCHDOG->load = RESET_AFTER_TICKS;
    WATCHDOG->control = WATCHDOG_RESET_ENABLE | WATCHDOG_ENABLE;
    for (;;) {
    }
}
