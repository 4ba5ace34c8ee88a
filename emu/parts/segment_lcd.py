"""Glass of a segment LCD, read as text. Its segments are named as in the tables that come with glasses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from emu.parts.display import TextDisplay
from emu.parts.errors import PartError
from emu.parts.lcd_part import LcdPart
from emu.parts.setting import Setting

COMMON_LINES, SEGMENT_LINES = 8, 32
_PLACE: Final = re.compile(r"(\S+)=(\d+)\.(\d+)")
_OF_DIGIT: Final = re.compile(r"(\d+)([A-G]+)")
_SHAPES: Final = {
    frozenset(letters): character
    for character, letters in {
        **{" ": "", "-": "G", "_": "D", "0": "ABCDEF", "1": "BC", "2": "ABDEG", "3": "ABCDG", "4": "BCFG"},
        **{"5": "ACDFG", "6": "ACDEFG", "7": "ABC", "8": "ABCDEFG", "9": "ABCDFG", "A": "ABCEFG"},
        **{"b": "CDEFG", "C": "ADEF", "c": "DEG", "d": "BCDEG", "E": "ADEFG", "F": "AEFG", "H": "BCEFG"},
        **{"h": "CEFG", "L": "DEF", "n": "CEG", "o": "CDEG", "P": "ABEFG", "r": "EG", "t": "DEFG"},
        **{"U": "BCDEF", "u": "CDE", "y": "BCDFG"},
    }.items()
}
UNKNOWN: Final = "?"


class SegmentLcd(LcdPart, TextDisplay):
    """Digits of seven segments, named 1A to 1G and so on from the left, and symbols by their names."""

    kind = "segment_lcd"
    saved_state = ("_lines",)
    segments = Setting(
        "", "NAME=COM.SEG, separated by spaces, such as 1A=0.5 1B=0.4 PM=3.0; 6AD are two at once"
    )

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._places = dict(_read(each) for each in self.segments.split())

    def _power_on(self) -> None:
        self._lines = [0] * COMMON_LINES

    def show(self, lines: Sequence[int]) -> None:
        """See which segments are on now."""
        self._lines = list(lines)

    @property
    def lit(self) -> list[str]:
        """The names of the segments that are on; those without a name are told as 0.5."""
        named = {place: name for name, place in self._places.items()}
        on = [
            (common, segment)
            for common, line in enumerate(self._lines)
            for segment in range(SEGMENT_LINES)
            if line >> segment & 1
        ]
        return [named.get(place, f"{place[0]}.{place[1]}") for place in on]

    @property
    def text(self) -> str:
        """What the digits read; a question mark for a shape that is no character."""
        digits: dict[int, set[str]] = {}
        lit = set(self.lit)
        for name in self._places:
            if match := _OF_DIGIT.fullmatch(name):
                digits.setdefault(int(match[1]), set()).update(match[2] if name in lit else "")
        return "".join(_SHAPES.get(frozenset(digits[number]), UNKNOWN) for number in sorted(digits))

    @property
    def symbols(self) -> list[str]:
        """The names of the segments that are on and belong to no digit."""
        return [name for name in self.lit if not _OF_DIGIT.fullmatch(name)]

    def as_file(self) -> bytes:
        """Text and symbols, a line each."""
        return f"{self.text}\n{' '.join(self.symbols)}\n".encode()


def _read(entry: str) -> tuple[str, tuple[int, int]]:
    match = _PLACE.fullmatch(entry)
    if match is None or int(match[2]) >= COMMON_LINES or int(match[3]) >= SEGMENT_LINES:
        raise PartError(f"segment_lcd: segments: {entry!r} is no NAME=COM.SEG, of COM 0 to 7 and SEG 0 to 31")
    return match[1], (int(match[2]), int(match[3]))
