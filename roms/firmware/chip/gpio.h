/* Pins and what they are used for. Source: wm_gpio_reg_struct.h, wm_ll_gpio.h of wm_iot_sdk. */
#ifndef CHIP_GPIO_H
#define CHIP_GPIO_H

#include <stdint.h>

#include "chip/memory_map.h"

struct gpio_registers {
    volatile uint32_t data;
    volatile uint32_t data_enable;
    volatile uint32_t direction;
    volatile uint32_t pull_up;             /* 0 = enabled */
    volatile uint32_t alternate_enable;
    volatile uint32_t alternate_select_1;  /* with select_0: function 1 is 00, function 4 is 11 */
    volatile uint32_t alternate_select_0;
};

#define GPIOB ((struct gpio_registers *)GPIOB_BASE)

#endif
