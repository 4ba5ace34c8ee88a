/* 480 MHz / 6 for the CPU, / 3 for WLAN, and half the CPU's clock for the APB: the figures of device_table.toml
 * and of wm_hal_rcc_config_clock() in wm_iot_sdk. */
#include "drivers/clock.h"

#include "chip/rcc.h"

void clock_start(void)
{
    const uint32_t peripheral = RCC->clock_divider & RCC_DIVIDER_PERIPHERAL(0xFu); /* keep it */
    const uint32_t dividers = peripheral | RCC_DIVIDER_CPU(6u) | RCC_DIVIDER_WLAN(3u) | RCC_DIVIDER_BUS(2u);

    RCC->clock_divider = dividers;
    RCC->clock_divider = dividers | RCC_DIVIDER_UPDATE;
    RCC->clock_enable |= RCC_CLOCK_UART0 | RCC_CLOCK_UART1 | RCC_CLOCK_GPIO | RCC_CLOCK_GPSEC;
}
