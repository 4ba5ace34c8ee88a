"""Colour displays alone: chapters 8 to 10 of their data sheets."""

from __future__ import annotations

import pytest
from support.parts import Bench

from emu.parts.tft import St7735, St7789, Tft

RED, BLUE, WHITE, BLACK = (255, 0, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)


class Panel:
    def __init__(self, part: Tft) -> None:
        self.bench = Bench("sck", "select", "data_command", "reset")
        self.part = self.bench.attach(part)
        self.bench.pins["select"].write(0)
        for code, arguments in ((0x11, b""), (0x3A, b"\x05"), (0x29, b"")):
            self.command(code, arguments)

    def command(self, code: int, arguments: bytes = b"") -> None:
        self.bench.pins["data_command"].write(0)
        self.part.exchange(bytes((code,)))
        self.bench.pins["data_command"].write(1)
        self.part.exchange(arguments)

    def window(self, left: int, top: int, right: int, bottom: int) -> None:
        self.command(0x2A, bytes((0, left, 0, right)))
        self.command(0x2B, bytes((0, top, 0, bottom)))

    def pixels(self) -> dict[tuple[int, int], tuple[int, ...]]:
        image = self.part.image()
        width, height = image.size
        data = image.tobytes()
        points = {(n % width, n // width): tuple(data[3 * n : 3 * n + 3]) for n in range(width * height)}
        return {place: colour for place, colour in points.items() if colour != BLACK}


@pytest.fixture
def panel() -> Panel:
    return Panel(St7735(first_column=0, first_row=0, rotation=0))


def test_pixels_fill_their_window_row_by_row(panel: Panel) -> None:
    panel.window(10, 20, 11, 21)
    panel.command(0x2C, bytes.fromhex("f800 001f ffff"))
    assert panel.pixels() == {(10, 20): RED, (11, 20): BLUE, (10, 21): WHITE}
    panel.command(0x2C, bytes.fromhex("0000 0000 0000 0000 f800"))  # the fifth is where the first was
    assert panel.pixels() == {(10, 20): RED}


def test_a_pixel_may_come_in_two_transfers(panel: Panel) -> None:
    panel.window(0, 0, 1, 0)
    panel.command(0x2C, bytes.fromhex("f8"))
    panel.part.exchange(bytes.fromhex("00 00"))
    panel.part.exchange(bytes.fromhex("1f"))
    assert panel.pixels() == {(0, 0): RED, (1, 0): BLUE}


def test_twelve_bits(panel: Panel) -> None:
    panel.command(0x3A, b"\x03")
    panel.window(0, 0, 3, 0)
    panel.command(0x2C, bytes.fromhex("f0000f fff1"))
    panel.part.exchange(bytes.fromhex("23"))
    assert panel.pixels() == {(0, 0): RED, (1, 0): BLUE, (2, 0): WHITE, (3, 0): (0x11, 0x22, 0x33)}


def test_only_the_larger_controller_goes_on_writing_where_it_was() -> None:
    for part, seen in (
        (St7789(rotation=0), {(5, 5): RED, (6, 5): BLUE}),
        (St7735(rotation=0, first_column=0, first_row=0), {(5, 5): RED}),
    ):
        panel = Panel(part)
        panel.window(5, 5, 7, 7)
        panel.command(0x2C, bytes.fromhex("f800"))
        panel.command(0x3C, bytes.fromhex("001f"))
        assert panel.pixels() == seen


def test_eighteen_bits(panel: Panel) -> None:
    panel.command(0x3A, b"\x06")
    panel.window(0, 0, 1, 0)
    panel.command(0x2C, bytes.fromhex("ff0000 0000ff"))
    assert panel.pixels() == {(0, 0): RED, (1, 0): BLUE}


@pytest.mark.parametrize(
    ("access", "place"), [(0x40, (131 - 1, 2)), (0x80, (1, 161 - 2)), (0x20, (2, 1)), (0x60, (131 - 2, 1))]
)
def test_madctl_turns_and_mirrors(access: int, place: tuple[int, int]) -> None:
    panel = Panel(St7735(width=132, height=162, first_column=0, first_row=0, rotation=0))
    panel.command(0x36, bytes((access,)))
    panel.window(1, 2, 1, 2)
    panel.command(0x2C, bytes.fromhex("f800"))
    assert panel.pixels() == {place: RED}


def test_a_small_panel_shows_a_part_of_the_memory() -> None:
    panel = Panel(St7735(width=80, height=160, first_column=26, first_row=1, rotation=0))
    panel.window(26, 1, 26, 1)
    panel.command(0x2C, bytes.fromhex("f800"))
    assert panel.pixels() == {(0, 0): RED}
    assert panel.part.image().size == (80, 160)


def test_inversion_is_right_for_some_panels() -> None:
    panel = Panel(St7789(is_inverted=True, rotation=0))
    assert panel.pixels()[0, 0] == WHITE
    panel.command(0x21)
    assert panel.pixels() == {}


def test_it_is_dark_when_asleep_off_or_reset(panel: Panel) -> None:
    panel.window(0, 0, 0, 0)
    panel.command(0x2C, bytes.fromhex("f800"))
    seen = []
    for off, on in ((0x28, 0x29), (0x10, 0x11)):
        panel.command(off)
        seen.append(panel.part.is_on)
        panel.command(on)
        seen.append(panel.part.is_on)
    panel.bench.pins["reset"].write(0)
    assert [*seen, panel.part.is_on] == [False, True, False, True, False]


def test_a_snapshot_in_the_middle_of_a_picture_goes_on(panel: Panel) -> None:
    panel.window(0, 0, 1, 0)
    panel.command(0x2C, bytes.fromhex("f800 00"))
    saved = panel.part.save()
    panel.command(0x28)
    panel.part.restore(saved)
    panel.part.exchange(bytes.fromhex("1f"))
    assert panel.pixels() == {(0, 0): RED, (1, 0): BLUE}


@pytest.mark.parametrize(
    ("rotation", "size", "place"),
    [(0, (128, 160), (127, 159)), (180, (128, 160), (0, 0)), (90, (160, 128), (159, 0))],
)
def test_a_module_is_seen_as_it_is_mounted(
    rotation: int, size: tuple[int, int], place: tuple[int, int]
) -> None:
    panel = Panel(St7735(rotation=rotation))
    panel.command(0x36, b"\xc0")
    panel.window(2, 1, 2, 1)
    panel.command(0x2C, bytes.fromhex("f800"))
    assert panel.part.image().size == size
    assert panel.pixels() == {place: RED}
