"""The register maps against the structures of the SDK: every field of ours is made of whole fields of theirs."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from peripherals.adc import Adc
from peripherals.dma import Dma
from peripherals.flash_controller import FlashController
from peripherals.framework.peripheral import Peripheral
from peripherals.framework.register import AccessType
from peripherals.gpio import Gpio
from peripherals.gpsec import Gpsec
from peripherals.hspi import Hspi
from peripherals.i2c import I2c
from peripherals.i2s import I2s
from peripherals.lcd import Lcd
from peripherals.pmu import Pmu
from peripherals.psram import Psram
from peripherals.pwm import Pwm
from peripherals.rcc import Rcc
from peripherals.rsa import Rsa
from peripherals.rtc import Rtc
from peripherals.sdio_host import SdioHost
from peripherals.sdio_wrapper import SdioWrapper
from peripherals.spi import Spi
from peripherals.timer import Timers
from peripherals.touch import Touch
from peripherals.uart import Uart
from peripherals.watchdog import Watchdog

UNION = re.compile(r"typedef union \{(.*?)\}\s*(wm_\w+_t);", re.DOTALL)
STRUCT = re.compile(r"struct \{(.*?)\};", re.DOTALL)
LAYOUT = re.compile(r"typedef struct \{([^{}]*)\}\s*(wm_\w+_reg_t);")
BITS = re.compile(r"uint(?:16|32)_t\s+(\w+)\s*:\s*(\d+);")
MEMBER = re.compile(r"volatile\s+(\w+)\s+\w+(?:\[(\w+)\])?;")
COUNTS = {"WM_DMA_CH_MAX": 8, "WM_TIMER_ID_MAX": 6}
FIRST_OFFSETS: dict[type[Peripheral], int] = {Rsa: 0x400}
"""Where our map begins in theirs: the buffers before it are a block of their own."""
OUR_OWN = {
    "Gpsec.config.reverse_output": "a field of two bits there, one for each direction (wm_hal_crc.c)",
    "Gpsec.config.reverse_input": "likewise",
    "FlashController.command_start": "the end of their structure is that of cmd_info; wm_ll_flash.h uses ours",
}


@dataclass(frozen=True)
class Bits:
    name: str
    high: int
    low: int


def fields_by_offset(header: str) -> dict[int, list[Bits]]:
    """Tell the bit fields of the register at each offset; none for plain words."""
    unions = {name: fields_of(STRUCT.findall(body)[0]) for body, name in UNION.findall(header)}
    parts: dict[str, list[list[Bits]]] = {
        "uint32_t": [[]],
        **{name: [fields] for name, fields in unions.items()},
    }
    for body, name in LAYOUT.findall(header):
        parts[name] = [
            fields for kind, count in MEMBER.findall(body) for fields in parts.get(kind, [[]]) * number(count)
        ]
    return {4 * index: fields for index, fields in enumerate(parts[name])}


def number(count: str) -> int:
    return COUNTS.get(count) or int(count or "1", 0)


def fields_of(struct: str) -> list[Bits]:
    low = 0
    fields = []
    for name, width in BITS.findall(struct):
        fields.append(Bits(name, low + int(width) - 1, low))
        low += int(width)
    assert low in (0, 31, 32)  # 0: a plain word; wm_rcc_clock_gate_mask_t lacks a bit
    return fields


@pytest.mark.parametrize(
    ("block", "header"),
    [
        (Uart, "uart"),
        (Watchdog, "wdt"),
        (Rcc, "rcc"),
        (Pmu, "pmu"),
        (Rtc, "rtc"),
        (Adc, "adc"),
        (I2c, "i2c"),
        (Pwm, "pwm"),
        (Spi, "spi"),
        (Psram, "psram"),
        (I2s, "i2s"),
        (Lcd, "seg_lcd"),
        (Touch, "touch_sensor"),
        (Hspi, "hspi"),
        (SdioHost, "sdh"),
        (SdioWrapper, "sdio_wrapper"),
        (Gpio, "gpio"),
        (Dma, "dma"),
        (Gpsec, "gpsec"),
        (Rsa, "rsa"),
        (Timers, "timer"),
        (FlashController, "flash"),
    ],
)
def test_fields_are_where_the_sdk_has_them(sdk: Path, block: type[Peripheral], header: str) -> None:
    path = sdk / f"components/wm_soc/w80x/include/wm_{header}_reg_struct.h"
    layout = fields_by_offset(path.read_text(encoding="utf-8"))
    first = FIRST_OFFSETS.get(block, 0)
    places = (
        (f"{block.__name__}.{slot.name}", slot, offset)
        for slot in block.slots.values()
        for offset in slot.offsets
    )
    for place, slot, offset in places:
        theirs = [field for field in layout.get(first + offset, []) if not field.name.startswith("reserved")]
        if not theirs or place in OUR_OWN:
            continue
        for field in slot.kind.fields.values():
            where = f"{place}.{field.name}"
            if where in OUR_OWN or field.access is AccessType.RESERVED:
                continue
            assert field.low in {other.low for other in theirs}, where
            assert field.high in {other.high for other in theirs}, where
        ours = sum(field.mask for field in slot.kind.fields.values())
        for other in theirs:
            assert ours >> other.low & 1, f"{place} lacks {other.name}"
