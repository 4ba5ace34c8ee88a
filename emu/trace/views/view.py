"""What every view of a trace is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from emu.trace.flow import Window
from emu.trace.trace import Trace

Write = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class View:
    """A form to show a trace in; `show` writes what of a trace is in a window."""

    name: str
    about: str
    """For the list of all, in a few words."""
    show: Callable[[Trace, Window, Write], None]
