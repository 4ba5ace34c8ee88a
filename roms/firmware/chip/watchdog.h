/* The watchdog, also the way to reset the chip. Source: wm_wdt_reg_struct.h of wm_iot_sdk. */
#ifndef CHIP_WATCHDOG_H
#define CHIP_WATCHDOG_H

#include <stdint.h>

#include "chip/memory_map.h"

struct watchdog_registers {
    volatile uint32_t load; /* APB clocks */
    volatile uint32_t value;
    volatile uint32_t control;
    volatile uint32_t interrupt_clear;
    volatile uint32_t interrupt_source;
    volatile uint32_t interrupt_state;
};

#define WATCHDOG_ENABLE       (1u << 0)
#define WATCHDOG_RESET_ENABLE (1u << 1)

#define WATCHDOG              ((struct watchdog_registers *)WATCHDOG_BASE)

#endif
