"""Chips go by many names, and show in firmware."""

from __future__ import annotations

import pytest

from emu.loader import Firmware, FirmwareKind, FlashPiece
from emu.machine.chip_choice import choose_chip
from emu.soc.variants import find_variant


@pytest.mark.parametrize(
    ("name", "chip"),
    [
        ("W800", "w800"),
        ("w801S", "w801s"),
        ("HLK-W801-KIT", "w801"),
        ("hlk-w806", "w806"),
        ("HLK-W806-V1.0-KIT", "w806"),
        ("Air101", "air101"),
        ("AIR103", "air103"),
        ("Air601", "air601"),
        ("Air690", "w800"),
        ("W861", "w861"),
        ("W803-Pico", "w803"),
        ("AIR-101", "air101"),
        ("hlk-w806-kit-v1", "w806"),
        ("W800-C400", "w800"),
        ("WM800", "w800"),
    ],
)
def test_chips_are_known_by_the_names_people_use(name: str, chip: str) -> None:
    variant = find_variant(name)
    assert variant is not None
    assert variant.name == chip


@pytest.mark.parametrize("name", ["", "w8", "esp32", "w8000", "air1"])
def test_other_names_are_not(name: str) -> None:
    assert find_variant(name) is None


def firmware(
    name: str = "app.fls", address: int = 0x080D_0400, data: bytes = b"", chip: str = "", offset: int = 0x2000
) -> Firmware:
    return Firmware(name, FirmwareKind.PACKAGE, (FlashPiece(offset, data, name),), address, chip=chip)


@pytest.mark.parametrize(
    ("made", "chip"),
    [
        (firmware(), "w800"),
        (firmware("W806.fls", 0x0801_0400), "w806"),
        (firmware("my_w801_demo.fls"), "w801"),
        (firmware("w800.fls", 0x0801_1400, chip="AIR601"), "air601"),
        (firmware("w8060.fls"), "w800"),
        (None, "w800"),
    ],
)
def test_the_chip_shows_in_names_and_in_the_place_of_the_app(made: Firmware | None, chip: str) -> None:
    assert choose_chip(made).variant.name == chip
