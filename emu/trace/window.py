"""A part of a run."""

from __future__ import annotations

from typing import Final, NamedTuple

FOREVER: Final = 1 << 62


class Window(NamedTuple):
    """A part of a run, by what has elapsed: from the first to before the second."""

    least: int
    end: int


EVERYTHING: Final = Window(-1, FOREVER)
