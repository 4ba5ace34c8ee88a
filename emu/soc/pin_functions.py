"""Which block has which pin. Source: wm_io_mux.h (wm_iot_sdk), which spells some names in two ways."""

from __future__ import annotations

from typing import Final

from peripherals.gpio import Gpio

GPIO: Final = "GPIO"
"""The function of a pin that belongs to its port."""

_TABLE: Final = """
pin  1          2          3          4
PA0  I2S_MCLK   LSPI_CS    PWM2       I2S_DO
PA1  JTAG_CK    I2C_SCL    PWM3       I2S_LRCLK
PA2  UART1_RTS  UART2_TX   PWM0       UART3_RTS
PA3  UART1_CTS  UART2_RX   PWM1       UART3_CTS
PA4  JTAG_SWO   I2C_SDA    PWM4       I2S_BCLK
PA5  UART3_TX   UART2_RTS  PWM_BREAK  UART4_RTS
PA6  UART3_RX   UART2_CTS  -          UART4_CTS
PA7  PWM4       LSPI_MOSI  I2S_MCLK   I2S_DI
PA8  PWM_BREAK  UART4_TX   UART5_TX   I2S_BCLK
PA9  MMC_CLK    UART4_RX   UART5_RX   I2S_LRCLK
PA10 MMC_CMD    UART4_RTS  PWM0       I2S_DO
PA11 MMC_DAT0   UART4_CTS  PWM1       I2S_DI
PA12 MMC_DAT1   UART5_TX   PWM2       -
PA13 MMC_DAT2   UART5_RX   PWM3       -
PA14 MMC_DAT3   UART5_CTS  PWM4       -
PA15 PSRAM_CK   UART5_RTS  PWM_BREAK  -
PB0  PWM0       LSPI_MISO  UART3_TX   PSRAM_CK
PB1  PWM1       LSPI_CK    UART3_RX   PSRAM_CS
PB2  PWM2       LSPI_CK    UART2_TX   PSRAM_D0
PB3  PWM3       LSPI_MISO  UART2_RX   PSRAM_D1
PB4  LSPI_CS    UART2_RTS  UART4_TX   PSRAM_D2
PB5  LSPI_MOSI  UART2_CTS  UART4_RX   PSRAM_D3
PB6  UART1_TX   MMC_CLK    HSPI_CK    SDIO_CK
PB7  UART1_RX   MMC_CMD    HSPI_INT   SDIO_CMD
PB8  I2S_BCLK   MMC_DAT0   PWM_BREAK  SDIO_D0
PB9  I2S_LRCLK  MMC_DAT1   HSPI_CS    SDIO_D1
PB10 I2S_DI     MMC_DAT2   HSPI_DI    SDIO_D2
PB11 I2S_DO     MMC_DAT3   HSPI_DO    SDIO_D3
PB12 HSPI_CK    PWM0       UART5_CTS  I2S_BCLK
PB13 HSPI_INT   PWM1       UART5_RTS  I2S_LRCLK
PB14 HSPI_CS    PWM2       LSPI_CS    I2S_DO
PB15 HSPI_DI    PWM3       LSPI_CK    I2S_DI
PB16 HSPI_DO    PWM4       LSPI_MISO  UART1_RX
PB17 UART5_RX   PWM_BREAK  LSPI_MOSI  I2S_MCLK
PB18 UART5_TX   -          -          -
PB19 UART0_TX   PWM0       UART1_RTS  I2C_SDA
PB20 UART0_RX   PWM1       UART1_CTS  I2C_SCL
PB21 UART0_RTS  PCM_SYNC   -          -
PB22 UART0_CTS  PCM_CK     -          -
PB23 LSPI_CS    PCM_DATA   -          -
PB24 LSPI_CK    PWM2       -          -
PB25 LSPI_MISO  PWM3       -          -
PB26 LSPI_MOSI  PWM4       -          -
PB27 PSRAM_CS   UART0_TX   -          -
"""
FUNCTIONS: Final = {line.split()[0]: tuple(line.split()[1:]) for line in _TABLE.splitlines()[2:]}
"""What pins can be given to, functions 1 to 4 of each; those that are not here are of their port only."""

TOUCH_PINS: Final = ("PA7", "PA9", "PA10", *(f"PB{number}" for number in range(10)), "PA12", "PA14")
"""Of the touch sensor's channels 0 to 14. Source: the table of pins in hlk_w806.rst, which counts from 1."""


class PinFunctions:
    """What the firmware has given each pin to."""

    def __init__(self, gpio_a: Gpio, gpio_b: Gpio) -> None:
        self._ports = {"A": gpio_a, "B": gpio_b}

    def selected(self, pin: str) -> str:
        """The function of a pin, such as I2C_SDA; GPIO: its port's; empty: one that no block has."""
        number = self._ports[pin[1]].function(int(pin[2:]))
        if number == 0:
            return GPIO
        name = FUNCTIONS[pin][number - 1] if pin in FUNCTIONS else "-"
        return "" if name == "-" else name

    def pins_of(self, function: str) -> list[str]:
        """The pins that have a function now; a block of the chip reaches those."""
        ports = self._ports
        return [
            pin
            for pin, port, number, choice in _PLACES_OF.get(function, ())
            if ports[port].function(number) == choice
        ]


def _places() -> dict[str, list[tuple[str, str, int, int]]]:
    found: dict[str, list[tuple[str, str, int, int]]] = {}
    for pin, functions in FUNCTIONS.items():
        for choice, function in enumerate(functions, 1):
            found.setdefault(function, []).append((pin, pin[1], int(pin[2:]), choice))
    return found


_PLACES_OF: Final = _places()
"""The pins that can have a function: each with its port, number, and which function it is."""
