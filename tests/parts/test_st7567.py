"""The LCD controller alone: commands of its data sheet."""

from __future__ import annotations

import pytest
from support.parts import Bench, spi_transfer

from emu.parts.st7567 import St7567

ROLES = ("select", "data_command", "reset")


class Lcd:
    def __init__(self, **settings: bool) -> None:
        self.bench = Bench(*ROLES)
        self.part = self.bench.attach(St7567(**settings))
        self.command(0xA1, 0xC0, 0xAF)

    def command(self, *codes: int) -> None:
        self.bench.pins["data_command"].write(0)
        spi_transfer(self.bench, self.part, *codes)

    def data(self, *columns: int) -> None:
        self.bench.pins["data_command"].write(1)
        spi_transfer(self.bench, self.part, *columns)

    def dark(self) -> set[tuple[int, int]]:
        return {(x, y) for y in range(64) for x in range(128) if self.part.pixel(x, y)}


@pytest.fixture
def lcd() -> Lcd:
    return Lcd()


def test_the_panel_shows_columns_4_to_131_of_a_mirrored_memory(lcd: Lcd) -> None:
    lcd.data(1, 1, 1, 1, 0b10, 1)
    assert lcd.dark() == {(0, 1), (1, 0)}


def test_behind_the_last_column_the_next_page_begins(lcd: Lcd) -> None:
    lcd.command(0xB2, 0x18, 0x03)  # page 2, column 0x83
    lcd.data(1, 0, 0, 0, 0, 0x80)
    assert lcd.dark() == {(127, 16), (0, 31)}


def test_both_mirrors_turn_it_for_a_module_mounted_the_other_way_round() -> None:
    lcd = Lcd(is_turned=True)
    lcd.command(0xA0, 0xC8)
    lcd.data(1, 0b10)
    assert lcd.dark() == {(0, 0), (1, 1)}


def test_start_line_inverse_all_on_and_off(lcd: Lcd) -> None:
    lcd.command(0x14)  # column 0x40
    lcd.data(0b100)
    lcd.command(0x42)
    assert lcd.dark() == {(60, 0)}
    for code, count in ((0xA7, 128 * 64 - 1), (0xA5, 128 * 64), (0xAE, 0)):
        lcd.command(code)
        assert len(lcd.dark()) == count
    assert not lcd.part.is_on


def test_the_argument_of_the_contrast_is_no_command(lcd: Lcd) -> None:
    lcd.command(0x81, 0xAE, 0xF8, 0xAE)
    assert lcd.part.is_on


def test_a_reset_keeps_the_memory(lcd: Lcd) -> None:
    lcd.command(0x14)
    lcd.data(1)
    lcd.command(0xE2)
    assert (lcd.part.is_on, lcd.dark()) == (True, {(60, 0)})
    lcd.bench.pins["reset"].write(0)
    assert not lcd.part.is_on
    lcd.bench.pins["reset"].write(1)
    lcd.command(0xA1, 0xAF)
    assert lcd.dark() == {(60, 0)}


def test_the_image_has_the_pixels_and_a_snapshot_all_of_it(lcd: Lcd) -> None:
    lcd.command(0x14)
    lcd.data(0b11)
    saved = lcd.part.save()
    lcd.command(0xE2, 0xAE)
    lcd.part.restore(saved)
    image = lcd.part.image()
    assert image.size == (128, 64)
    assert [image.getpixel((60, y)) for y in (1, 2)] == [(0x20, 0x20, 0x50), (0xC0, 0xD0, 0xA0)]
