"""The lines of the interrupt controller. Source: wm_irq.h (wm_iot_sdk)."""

from __future__ import annotations

from enum import IntEnum


class Irq(IntEnum):
    """Line numbers; the exception vector is the number + 32."""

    SDIO_SLAVE = 0
    MAC = 1
    RF_SPI = 2
    SECURITY = 3
    DMA_CHANNEL0 = 4
    DMA_CHANNEL1 = 5
    DMA_CHANNEL2 = 6
    DMA_CHANNEL3 = 7
    DMA_CHANNEL4_7 = 8
    DMA_BURST = 9
    I2C = 10
    ADC = 11
    SPI = 12
    HSPI = 13
    GPIO_A = 14
    GPIO_B = 15
    UART0 = 16
    UART1 = 17
    TOUCH = 18
    UART2_5 = 19
    BLUETOOTH_LE = 20
    BLUETOOTH = 21
    PWM = 22
    I2S = 23
    SDIO_HOST = 24
    CORE_TIMER = 25
    RSA = 26
    GPSEC = 27
    FLASH = 28
    PMU = 29
    TIMERS = 30
    WATCHDOG = 31
