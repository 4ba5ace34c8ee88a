"""The glass alone."""

from __future__ import annotations

import pytest
from support.parts import Bench

from emu.parts import PartError, SegmentLcd
from emu.parts.wiring import checked_wires

DIGIT = " ".join(f"1{letter}=0.{number}" for number, letter in enumerate("ABCDEFG"))


def glass(segments: str) -> SegmentLcd:
    return Bench().attach(SegmentLcd(segments=segments))


@pytest.mark.parametrize(
    ("bits", "character"),
    [
        *zip((0x3F, 0x06, 0x5B, 0x4F, 0x66, 0x6D, 0x7D, 0x07, 0x7F, 0x6F), "0123456789", strict=True),
        *((0x77, "A"), (0x7C, "b"), (0x39, "C"), (0x5E, "d"), (0x79, "E"), (0x71, "F"), (0x40, "-")),
        *((0, " "), (0x49, "?")),
    ],
)
def test_a_digit_reads_as_its_shape(bits: int, character: str) -> None:
    lcd = glass(DIGIT)
    lcd.show([bits, 0])
    assert (lcd.text, lcd.symbols) == (character, [])


def test_digits_are_in_the_order_of_their_numbers() -> None:
    lcd = glass("10BC=0.0 2BC=0.1 2AGD=0.2 2E=0.3 PM=1.0")
    lcd.show([0b0111, 1])
    assert (lcd.text, lcd.symbols, lcd.lit) == ("31", ["PM"], ["10BC", "2BC", "2AGD", "PM"])
    assert lcd.as_file() == b"31\nPM\n"


def test_segments_without_a_name_are_told_by_their_place() -> None:
    lcd = glass("")
    lcd.show([0, 1 << 31])
    assert (lcd.text, lcd.lit) == ("", ["1.31"])


def test_the_state_is_in_snapshots() -> None:
    lcd = glass(DIGIT)
    lcd.show([0x06])
    snapshot = lcd.save()
    lcd.power_on()
    assert lcd.text == " "
    lcd.restore(snapshot)
    assert lcd.text == "1"


@pytest.mark.parametrize("wrong", ["1A", "1A=8.0", "1A=0.32", "=0.1"])
def test_places_are_checked(wrong: str) -> None:
    with pytest.raises(PartError, match=r"is no NAME=COM\.SEG, of COM 0 to 7 and SEG 0 to 31"):
        SegmentLcd(segments=wrong)


def test_it_is_at_its_block_only() -> None:
    assert checked_wires(SegmentLcd, {"bus": "lcd"}, str) == {"bus": "lcd"}
    with pytest.raises(PartError, match="segment_lcd: say where it is: bus='lcd'"):
        checked_wires(SegmentLcd, {}, str)
