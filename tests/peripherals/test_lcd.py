"""The segment LCD alone."""

import pytest
from support.environment import FakeWorld

from peripherals.lcd import Lcd

ENABLE, POWER_DOWN = 1 << 8, 1 << 9


@pytest.fixture
def lcd(world: FakeWorld) -> Lcd:
    lcd = Lcd("lcd", world.environment)
    lcd.reset()
    lcd.write(lcd.segments[1].offset, 0xFF)
    lcd.write(lcd.segments[2].offset, 0xF00)
    lcd.write(lcd.common_enable.offset, 1 << 1)
    lcd.write(lcd.segment_enable.offset, 0xF0F)
    return lcd


def test_shows_enabled_segments_of_enabled_lines(lcd: Lcd) -> None:
    lcd.write(lcd.control.offset, ENABLE)
    assert lcd.shown == [0, 0x0F, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("control", [0, ENABLE | POWER_DOWN])
def test_shows_nothing_when_off(lcd: Lcd, control: int) -> None:
    lcd.write(lcd.control.offset, control)
    assert not any(lcd.shown)


def test_reads_back_what_the_driver_changes_bit_by_bit(lcd: Lcd) -> None:
    assert (lcd.read(lcd.segments[1].offset), lcd.read(lcd.common_enable.offset)) == (0xFF, 2)
