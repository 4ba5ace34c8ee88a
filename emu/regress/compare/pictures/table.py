"""All pictures: a new one is a file and a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from emu.regress.compare.differences import Report
from emu.regress.compare.pictures import flames, flash, memory


class Picture(NamedTuple):
    """A picture of a comparison."""

    name: str
    """Of its file."""
    title: str
    draw: Callable[[Report], str]
    """As SVG; empty if there is nothing to see."""


PICTURES: Final = (
    Picture("flames", "What was executed, by stacks of calls", flames.draw),
    Picture("memory", "Memory over time", memory.draw),
    Picture("flash", "Operations of the flash", flash.draw),
)
