"""The parts that there are: one row each, and those of other packages (entry-point group `w800emu.parts`)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from emu.parts.bh1750 import Bh1750
from emu.parts.button import Button
from emu.parts.buzzer import Buzzer
from emu.parts.cht8305 import Cht8305
from emu.parts.dht import Dht11, Dht22
from emu.parts.ds18b20 import Ds18b20
from emu.parts.ds3231 import Ds3231
from emu.parts.eeprom_24c import Eeprom24c
from emu.parts.errors import PartError
from emu.parts.gps import Gps
from emu.parts.i2s_recorder import I2sRecorder
from emu.parts.ina226 import Ina226
from emu.parts.led import Led
from emu.parts.modem import Modem
from emu.parts.nrf24l01 import Nrf24l01
from emu.parts.part import Part
from emu.parts.rotary_encoder import RotaryEncoder
from emu.parts.sd_card import SdCard
from emu.parts.sdmmc_card import SdmmcCard
from emu.parts.segment_lcd import SegmentLcd
from emu.parts.sht3x import Sht3x
from emu.parts.spi_flash import SpiFlash
from emu.parts.ssd1306 import Ssd1306, Ssd1306Spi
from emu.parts.st7567 import St7567
from emu.parts.switch import Switch
from emu.parts.tft import St7735, St7789
from emu.parts.touch_pad import TouchPad
from emu.parts.ws2812 import Ws2812

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP: Final = "w800emu.parts"

PARTS: Final[tuple[type[Part], ...]] = (
    Button,
    Switch,
    TouchPad,
    RotaryEncoder,
    Led,
    Ws2812,
    Buzzer,
    Dht11,
    Dht22,
    Ds18b20,
    Eeprom24c,
    Bh1750,
    Sht3x,
    Cht8305,
    Ina226,
    Ds3231,
    Ssd1306,
    Ssd1306Spi,
    St7567,
    SpiFlash,
    SdCard,
    SdmmcCard,
    Nrf24l01,
    I2sRecorder,
    SegmentLcd,
    St7735,
    St7789,
    Gps,
    Modem,
)


def part_kinds() -> dict[str, type[Part]]:
    """All kinds by their names; PartError for a package whose entry points nothing but trouble."""
    return {kind.kind: kind for kind in (*PARTS, *_of_other_packages())}


def part_kind(name: str) -> type[Part]:
    """The kind of that name; PartError for an unknown one."""
    own = {kind.kind: kind for kind in PARTS}
    if name in own:
        return own[name]
    for entry in _entry_points():
        if entry.name == name and (kind := _loaded(entry)).kind == name:
            return kind  # whatever is wrong with other packages
    kinds = part_kinds()
    if name not in kinds:
        raise PartError(f"no part {name!r}: there are {', '.join(sorted(kinds))}")
    return kinds[name]


def _of_other_packages() -> tuple[type[Part], ...]:
    return tuple(_loaded(entry) for entry in _entry_points())


@cache
def _entry_points() -> tuple[EntryPoint, ...]:
    from importlib.metadata import entry_points  # takes its time, and most parts are ours

    return tuple(entry_points(group=GROUP))


def _loaded(entry: EntryPoint) -> type[Part]:
    try:
        kind = entry.load()
    except Exception as error:  # noqa: BLE001 whatever a stranger's module raises
        raise PartError(f"{entry.name} of {entry.value} cannot be imported: {error}") from None
    if not (isinstance(kind, type) and issubclass(kind, Part) and kind.kind):
        raise PartError(f"{entry.name}: {entry.value} is no Part with a kind")
    return kind
