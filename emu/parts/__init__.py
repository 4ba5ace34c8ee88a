"""What a board has besides the chip: buttons, sensors, displays, memories.

One file and one row in `table` each; none knows the chip. The names here are imported when they are used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from emu.parts.bh1750 import Bh1750
    from emu.parts.button import Button
    from emu.parts.buzzer import Buzzer
    from emu.parts.cht8305 import Cht8305
    from emu.parts.dht import Dht11, Dht22
    from emu.parts.display import Display, TextDisplay
    from emu.parts.ds18b20 import Ds18b20
    from emu.parts.ds3231 import Ds3231
    from emu.parts.eeprom_24c import Eeprom24c
    from emu.parts.errors import PartError
    from emu.parts.gps import Gps
    from emu.parts.i2c_bus import I2cPart
    from emu.parts.i2s_bus import I2sPart, SampleFormat
    from emu.parts.i2s_recorder import I2sRecorder
    from emu.parts.ina226 import Ina226
    from emu.parts.lcd_part import LcdPart
    from emu.parts.led import Led
    from emu.parts.modem import Modem
    from emu.parts.nrf24l01 import Nrf24l01
    from emu.parts.part import Part, stimulus
    from emu.parts.rotary_encoder import RotaryEncoder
    from emu.parts.sd_bus import SdPart
    from emu.parts.sd_card import SdCard
    from emu.parts.sdmmc_card import SdmmcCard
    from emu.parts.segment_lcd import SegmentLcd
    from emu.parts.setting import Quantity, Setting
    from emu.parts.sht3x import Sht3x
    from emu.parts.spi_bus import SpiPart
    from emu.parts.spi_flash import SpiFlash
    from emu.parts.ssd1306 import Ssd1306, Ssd1306Spi
    from emu.parts.st7567 import St7567
    from emu.parts.switch import Switch
    from emu.parts.tft import St7735, St7789
    from emu.parts.touch_pad import TouchPad
    from emu.parts.uart_part import UartPart
    from emu.parts.ws2812 import Ws2812

_PLACES: Final = {
    "bh1750": ("Bh1750",),
    "button": ("Button",),
    "buzzer": ("Buzzer",),
    "cht8305": ("Cht8305",),
    "dht": (
        "Dht11",
        "Dht22",
    ),
    "display": (
        "Display",
        "TextDisplay",
    ),
    "ds18b20": ("Ds18b20",),
    "ds3231": ("Ds3231",),
    "eeprom_24c": ("Eeprom24c",),
    "errors": ("PartError",),
    "gps": ("Gps",),
    "i2c_bus": ("I2cPart",),
    "i2s_bus": (
        "I2sPart",
        "SampleFormat",
    ),
    "i2s_recorder": ("I2sRecorder",),
    "ina226": ("Ina226",),
    "lcd_part": ("LcdPart",),
    "led": ("Led",),
    "modem": ("Modem",),
    "nrf24l01": ("Nrf24l01",),
    "part": (
        "Part",
        "stimulus",
    ),
    "rotary_encoder": ("RotaryEncoder",),
    "sd_bus": ("SdPart",),
    "sd_card": ("SdCard",),
    "sdmmc_card": ("SdmmcCard",),
    "segment_lcd": ("SegmentLcd",),
    "setting": (
        "Quantity",
        "Setting",
    ),
    "sht3x": ("Sht3x",),
    "spi_bus": ("SpiPart",),
    "spi_flash": ("SpiFlash",),
    "ssd1306": (
        "Ssd1306",
        "Ssd1306Spi",
    ),
    "st7567": ("St7567",),
    "switch": ("Switch",),
    "tft": (
        "St7735",
        "St7789",
    ),
    "touch_pad": ("TouchPad",),
    "uart_part": ("UartPart",),
    "ws2812": ("Ws2812",),
}
"""The names of each module."""
__all__ = [
    "Bh1750",
    "Button",
    "Buzzer",
    "Cht8305",
    "Dht11",
    "Dht22",
    "Display",
    "Ds18b20",
    "Ds3231",
    "Eeprom24c",
    "Gps",
    "I2cPart",
    "I2sPart",
    "I2sRecorder",
    "Ina226",
    "LcdPart",
    "Led",
    "Modem",
    "Nrf24l01",
    "Part",
    "PartError",
    "Quantity",
    "RotaryEncoder",
    "SampleFormat",
    "SdCard",
    "SdPart",
    "SdmmcCard",
    "SegmentLcd",
    "Setting",
    "Sht3x",
    "SpiFlash",
    "SpiPart",
    "Ssd1306",
    "Ssd1306Spi",
    "St7567",
    "St7735",
    "St7789",
    "Switch",
    "TextDisplay",
    "TouchPad",
    "UartPart",
    "Ws2812",
    "stimulus",
]


def __getattr__(name: str) -> Any:
    for module, names in _PLACES.items():
        if name in names:
            return getattr(import_module(f"emu.parts.{module}"), name)
    raise AttributeError(f"module 'emu.parts' has no attribute {name!r}")
