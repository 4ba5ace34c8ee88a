"""Board files: what they give, and what is said about wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from machine.device import SPIN, machine_of

from emu.boards import board_names, read_board
from emu.loader import LoadError
from emu.machine.assembly import fit_board
from emu.machine.machine import Machine
from emu.parts import Led, Ssd1306

BOARD = """\
description = "a test"
chip = "w806"
psram = "2M"

[parts.lamp]
kind = "led"
pin = "pb_00"

[parts.screen]  # the only one
kind = "ssd1306"
bus = "i2c"
address = 0x3D
height = 32
"""


def test_a_board_has_options_and_parts(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(BOARD)
    board = read_board(tmp_path / "mine.toml")
    assert (board.name, board.description) == ("mine", "a test")
    assert board.options == {"chip": "w806", "psram_size_bytes": 2 << 20}
    lamp, screen = board.parts
    assert (lamp.name, lamp.kind, lamp.settings, lamp.wires, lamp.line) == (
        "lamp",
        Led,
        {},
        {"pin": "PB0"},
        5,
    )
    assert (screen.kind, screen.wires) == (Ssd1306, {"bus": "i2c"})
    assert screen.make().settings == Ssd1306(address=0x3D, height=32).settings


@pytest.mark.parametrize(
    ("wrong", "right", "why"),
    [
        ('chip = "w999"', 'chip = "w806"', "line 2: chip: 'w999' is none of w800, w801"),
        ('psram = "lots"', 'psram = "2M"', "line 3: psram: "),
        ('psram = "3M"', 'psram = "2M"', "line 3: psram: 3,145,728 bytes is none of 2M, 4M, 8M"),
        ('kind = "lead"', 'kind = "led"', "line 6: no part 'lead': there are bh1750, button"),
        ("height = 32\n", 'kind = "led"\n', "line 5: lamp: which kind? 'w800emu board parts' lists them"),
        ('pin = "PB77"', 'pin = "pb_00"', "line 7: 'PB77' is no pin"),
        ('pen = "PB0"', 'pin = "pb_00"', "line 7: lamp: a led has no 'pen'; did you mean pin?"),
        (
            "address = 0x50",
            "address = 0x3D",
            "line 12: screen: address: one of 0x3c, 0x3d is wanted, not 0x50",
        ),
        ("height = 32.5", "height = 32", "line 13: screen: height: one of 32, 64 is wanted, not 32.5"),
        ('bus = "spi"', 'bus = "i2c"', "line 11: ssd1306: no bus 'spi': there are i2c"),
        ("on_colour = 5", "height = 32", "line 13: screen: on_colour: a text is wanted, not 5"),
        (
            'kind = "gps"\nbus = "uart1"\nstart = "now"',
            'kind = "led"\npin = "pb_00"',
            "line 5: gps: start: 'now' is no time: 2026-01-01 00:00:00",
        ),
        ('scl = "PA1"', 'bus = "i2c"', "line 9: ssd1306: it needs a wire 'sda'"),
        ("colour = 1", 'description = "a test"', "line 1: unknown name 'colour'; there are chip"),
        ("[part.lamp]", "[parts.lamp]", "line 5: unknown name 'part'; did you mean parts?"),
        ("[[parts.lamp]]", "[parts.lamp]", "line 5: parts: 'lamp' is no name of a table"),
        ("[parts]\nlamp.height = 32", "[parts.lamp]", "line 6: lamp: which kind?"),
        ("chip =", 'chip = "w806"', "Invalid value (at line 2, column 7)"),
        ("[parts.2]", "[parts.lamp]", "line 5: parts: '2' is no name of a table"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, wrong: str, right: str, why: str) -> None:
    path = tmp_path / "board.toml"
    assert right in BOARD
    path.write_text(BOARD.replace(right, wrong))
    with pytest.raises(LoadError) as caught:
        read_board(path)
    assert f"{path}" in str(caught.value)
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_board_that_is_not_there_is_told() -> None:
    with pytest.raises(LoadError, match="board hlk-w900: neither a file nor one of air103, hlk-w800-kit"):
        read_board("hlk-w900")
    with pytest.raises(LoadError, match=r"nothing\.toml"):
        read_board("nothing.toml")


@pytest.mark.parametrize("name", board_names())
def test_a_board_that_ships_is_right(name: str) -> None:
    board = read_board(name.upper())
    assert board.description
    machine = fit_board(machine_of(SPIN), name)
    assert list(machine.parts) == [part.name for part in board.parts]
    assert board.options["chip"]


def test_an_option_is_stronger_than_the_board(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(BOARD)
    machine = Machine.load(
        board=tmp_path / "mine.toml", psram_size_bytes=8 << 20, flash_size_bytes=2 << 20, cache=False
    )
    assert machine.board.identity["PSRAM size"] == 8 << 20
    assert list(machine.parts) == ["lamp", "screen"]
