"""A part at the chip's driver of a segment LCD."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from emu.parts.part import Part


class LcdPart(Part):
    """A glass: override `show`."""

    bus = "lcd"
    wires: ClassVar[tuple[str, ...]] = ()

    def show(self, lines: Sequence[int]) -> None:
        """See which segments are on now, a bit each, of common lines 0 to 7."""
