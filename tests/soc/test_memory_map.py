"""The memory map against numbers that are not its own."""

import re
from pathlib import Path

import pytest
from support.environment import FakeWorld

from emu.soc.irq import Irq
from emu.soc.soc import Soc, device
from emu.soc.w800 import DEVICE_RANGES, W800
from peripherals.absent import Absent
from peripherals.framework.errors import DeclarationError
from peripherals.nor_flash import NorFlash
from peripherals.rcc import Rcc
from peripherals.vic import VectorInterruptController

NAMES = {
    "RSA": "shared_buffer",  # its registers follow
    "GPSEC": "gpsec",
    "SDIO": "sdio_slave",
    "SDIO_HOST": "sdio_host",
    "HSPI": "hspi",
    "FLASH": "flash_controller",
    "SDIO_WRAPPER": "sdio_wrapper",
    "DMA": "dma",
    "PMU": "pmu",
    "RTC": "rtc",
    "CLK": "rcc",
    "MEM": "buffer_memory",
    "PSRRAM": "psram",
    "I2C": "i2c",
    "SD_ADC": "adc",
    "SPI": "spi",
    "UART0": "uart0",
    "UART1": "uart1",
    "UART2": "uart2",
    "UART3": "uart3",
    "UART4": "uart4",
    "GPIO": "gpio_a",
    "GPIOA": "gpio_a",
    "GPIOB": "gpio_b",
    "TIMER": "timers",
    "WDG": "watchdog",
    "LCD_REG": "lcd",
    "I2S_REG": "i2s",
    "APB2SPI_REG": "apb_to_spi",
    "PWM_REG": "pwm",
    "TOUCH_REG": "touch",
}
"""The names of wm_regs_base.h, WM_..._BASE_ADDR."""


@pytest.fixture
def soc(world: FakeWorld) -> W800:
    return W800(world.clock, world.memory, world.log, flash=NorFlash())


def test_windows_ascend_and_do_not_overlap(soc: W800) -> None:
    for before, window in zip(soc.windows, soc.windows[1:], strict=False):
        assert before.end <= window.base


def test_windows_lie_in_the_device_ranges(soc: W800) -> None:
    for window in soc.windows:
        assert any(base <= window.base and window.end <= base + size for base, size in DEVICE_RANGES)


@pytest.mark.parametrize(
    ("address", "name", "offset"),
    [
        (0x4000_0000, "shared_buffer", 0),
        (0x4000_0404, "rsa", 4),
        (0x4000_0D08, "pmu", 0x08),
        (0x4000_0D0C, "rtc", 0x0),
        (0x4000_0D10, "rtc", 0x4),
        (0x4000_0D14, "pmu", 0x14),
        (0x4000_0E10, "rcc", 0x10),
        (0x4000_2000, "flash_controller", 0),
        (0x4001_0630, "uart0", 0x30),
        (0x4001_1000, "uart5", 0),
        (0x4001_17FF, "watchdog", 0x1FF),
        (0xE000_E018, "core_timer", 0x8),
        (0xE000_EC08, "vic", 0xB08),
        (0xE000_F004, "cache", 0x004),
        (0xE000_FFFC, "cache", 0xFFC),
    ],
)
def test_addresses_lead_to_their_block(soc: W800, address: int, name: str, offset: int) -> None:
    assert soc.device_at(address) == (soc.devices[name], offset)


@pytest.mark.parametrize("address", [0, 0x3FFF_FFFF, 0x4000_3000, 0x4001_2600, 0xE000_E020, 0xFFFF_FFFF])
def test_nothing_answers_between_the_blocks(soc: W800, address: int) -> None:
    assert soc.device_at(address) is None


def test_every_block_has_its_attribute_and_name(soc: W800) -> None:
    assert set(soc.devices) == set(W800.rows)
    for name, block in soc.devices.items():
        assert getattr(soc, name) is block
        assert block.name == name


def test_rows_out_of_order_are_refused() -> None:
    with pytest.raises(DeclarationError, match="in the order of their addresses"):

        class Bad(Soc):
            b = device(0x200, Absent)
            a = device(0x100, Absent)


def test_rows_that_overlap_are_refused(world: FakeWorld) -> None:
    class Bad(Soc):
        rcc = device(0x000, Rcc, size=0x100)
        late = device(0x080, Absent, size=0x100)
        vic = device(0x200, VectorInterruptController)

    with pytest.raises(DeclarationError, match="late overlaps rcc"):
        Bad(world.clock, world.memory, world.log)


def test_bases_are_those_of_the_sdk(sdk: Path) -> None:
    header = (sdk / "components/wm_soc/w80x/include/wm_regs_base.h").read_text(encoding="utf-8")
    defined: dict[str, int] = {}
    for name, expression in re.findall(r"#define\s+(WM_\w+)_ADDR\s+(.+)", header):
        terms = re.findall(r"WM_\w+(?=_ADDR)|0x[0-9A-Fa-f]+", expression)
        defined[name] = sum(int(term, 16) if term.startswith("0x") else defined[term] for term in terms)
    blocks = {name.removeprefix("WM_").removesuffix("_BASE"): base for name, base in defined.items()}
    for other in ("DEVICE", "APB", "WM_CLK_DIV", "CLK_DIV", "CLK_RST"):
        blocks.pop(other, None)
    assert {name: W800.rows[NAMES[name]].base for name in blocks} == blocks


def test_interrupt_lines_are_those_of_the_sdk(sdk: Path) -> None:
    header = (sdk / "components/wm_soc/w80x/include/wm_irq.h").read_text(encoding="utf-8")
    lines = [int(number) for number in re.findall(r"WM_IRQ_\w+\s*=\s*(\d+)", header)]
    assert lines == [irq.value for irq in Irq]
