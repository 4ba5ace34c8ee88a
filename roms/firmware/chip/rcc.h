/* Clocks and resets. Source: wm_rcc_reg_struct.h of wm_iot_sdk. */
#ifndef CHIP_RCC_H
#define CHIP_RCC_H

#include <stdint.h>

#include "chip/memory_map.h"

struct rcc_registers {
    volatile uint32_t clock_enable;
    volatile uint32_t clock_gate_mask;
    volatile uint32_t reserved;
    volatile uint32_t soft_reset; /* 0 = held in reset */
    volatile uint32_t clock_divider;
};

#define RCC_CLOCK_UART0           (1u << 1)
#define RCC_CLOCK_UART1           (1u << 2)
#define RCC_CLOCK_GPIO            (1u << 11)
#define RCC_CLOCK_GPSEC           (1u << 17)

#define RCC_DIVIDER_CPU(n)        ((n) << 0)
#define RCC_DIVIDER_WLAN(n)       ((n) << 8)
#define RCC_DIVIDER_BUS(n)        ((n) << 16)
#define RCC_DIVIDER_PERIPHERAL(n) ((n) << 24)
#define RCC_DIVIDER_UPDATE        (1u << 31) /* cleared before a change, set after it */

#define RCC                       ((struct rcc_registers *)RCC_BASE)

#endif
