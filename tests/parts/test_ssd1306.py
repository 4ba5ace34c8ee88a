"""The OLED controller alone: chapters 8 to 10 of its data sheet."""

from __future__ import annotations

import pytest
from support.parts import Bench, I2cMaster, spi_transfer

from emu.parts.ssd1306 import Ssd1306, Ssd1306Spi

COMMANDS, DATA = 0x00, 0x40


class Oled:
    def __init__(self, **settings: int) -> None:
        self.part = Bench("scl", "sda").attach(Ssd1306(**settings))
        self.master = I2cMaster(self.part)
        self.command(0xA1, 0xC8, 0xAF)

    def command(self, *codes: int) -> None:
        assert self.master.write(0x3C, COMMANDS, *codes)

    def data(self, *columns: int) -> None:
        assert self.master.write(0x3C, DATA, *columns)

    def lit(self) -> set[tuple[int, int]]:
        return {(x, y) for y in range(self.part.height) for x in range(128) if self.part.pixel(x, y)}


@pytest.fixture
def oled() -> Oled:
    return Oled()


def test_nothing_shines_before_it_is_switched_on(oled: Oled) -> None:
    oled.data(0xFF)
    oled.command(0xAE)
    assert (oled.lit(), oled.part.is_on) == (set(), False)
    assert oled.master.read(0x3C, 1) == b"\x40"
    oled.command(0xAF)
    assert len(oled.lit()) == 8
    assert oled.master.read(0x3C, 1) == b"\x00"


def test_a_byte_is_eight_pixels_below_each_other_the_low_bit_above(oled: Oled) -> None:
    oled.data(0b1000_0001, 0b0000_0010)
    assert oled.lit() == {(0, 0), (0, 7), (1, 1)}


def test_page_addressing_stays_in_its_page(oled: Oled) -> None:
    oled.command(0xB3, 0x0E, 0x17)  # page 3, column 0x7E
    oled.data(1, 1, 1)
    assert oled.lit() == {(126, 24), (127, 24), (0, 24)}


def test_horizontal_addressing_goes_on_in_the_next_page_of_the_window(oled: Oled) -> None:
    oled.command(0x20, 0, 0x21, 10, 11, 0x22, 1, 2)
    oled.data(1, 2, 4, 8, 16)
    assert oled.lit() == {(10, 12), (11, 9), (10, 18), (11, 19)}  # the fifth is where the first was


def test_vertical_addressing_goes_down_first(oled: Oled) -> None:
    oled.command(0x20, 1, 0x21, 10, 11, 0x22, 1, 2)
    oled.data(1, 1, 1)
    assert oled.lit() == {(10, 8), (10, 16), (11, 8)}


def test_a_control_byte_before_each_byte_tells_what_it_is(oled: Oled) -> None:
    assert oled.master.write(0x3C, 0x80, 0xB1, 0x80, 0x05, 0xC0, 0x01, 0x40, 0x02)
    assert oled.lit() == {(5, 8), (6, 9)}


def test_remapping_mirrors(oled: Oled) -> None:
    oled.data(1)
    oled.command(0xA0)
    assert oled.lit() == {(127, 0)}
    oled.command(0xC0)
    assert oled.lit() == {(127, 63)}


def test_inverse_and_all_on(oled: Oled) -> None:
    oled.data(1)
    oled.command(0xA7)
    assert len(oled.lit()) == 128 * 64 - 1
    oled.command(0xA5)
    assert len(oled.lit()) == 128 * 64
    oled.command(0xA4, 0xA6)
    assert oled.lit() == {(0, 0)}


def test_the_start_line_scrolls_up(oled: Oled) -> None:
    oled.data(0b100)
    oled.command(0x42)
    assert oled.lit() == {(0, 0)}
    oled.command(0x40, 0xD3, 2)
    assert oled.lit() == {(0, 0)}


def test_one_of_32_rows_shows_the_first_32() -> None:
    oled = Oled(height=32)
    oled.command(0xA8, 0x1F, 0xB3)
    oled.data(0x80)
    assert oled.lit() == {(0, 31)}
    assert oled.part.image().size == (128, 32)


def test_arguments_are_no_commands(oled: Oled) -> None:
    oled.command(0x81, 0xAE, 0xD5, 0xAE, 0xDA, 0xAE, 0xA8, 0x3F)
    assert oled.part.is_on


def test_arguments_may_come_in_another_transfer(oled: Oled) -> None:
    oled.command(0xD3)
    oled.command(0x08)
    oled.data(1)
    assert oled.lit() == {(0, 56)}


def test_the_image_has_the_pixels(oled: Oled) -> None:
    oled.data(0b101)
    image = oled.part.image()
    blue, black = (0xA0, 0xE0, 0xFF), (0, 0, 0)
    assert [image.getpixel((0, y)) for y in range(4)] == [blue, black, blue, black]


def test_a_snapshot_in_the_middle_of_a_transfer_goes_on(oled: Oled) -> None:
    oled.master.write(0x3C, DATA, 1, stops=False)
    saved, bus = oled.part.save(), oled.master.bus.save()
    oled.command(0xAE)
    oled.part.restore(saved)
    oled.master.bus.restore(bus, lambda name: oled.part)
    oled.master.bus.write(2)
    assert oled.lit() == {(0, 0), (1, 1)}


def test_on_spi_a_wire_tells_commands_from_data() -> None:
    bench = Bench("select", "data_command", "reset")
    part = bench.attach(Ssd1306Spi())
    bench.pins["data_command"].write(0)
    spi_transfer(bench, part, 0xA1, 0xC8, 0xB1, 0xAF)
    bench.pins["data_command"].write(1)
    spi_transfer(bench, part, 0x01, 0x80)
    assert {(x, y) for y in range(64) for x in range(128) if part.pixel(x, y)} == {(0, 8), (1, 15)}
    bench.pins["reset"].write(0)
    assert not part.is_on
