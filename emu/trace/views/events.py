"""What happens besides instructions, a line each: who goes on, sleep, UARTs, flash, resets."""

from __future__ import annotations

from emu.trace.selection import Selection
from emu.trace.timeline import MarkKind, Timeline
from emu.trace.trace import Trace
from emu.trace.views.view import Write


def show(trace: Trace, selection: Selection, write: Write) -> None:
    """See `View.show`."""
    timeline = Timeline(trace, selection)
    names = {number: key for key, number in timeline.lanes.items() if isinstance(key, str)}
    for time_ns, kind, lane, name in timeline.marks():
        if lane in names and kind is not MarkKind.END:
            write(f"{time_ns:>14} {names[lane]:8} {name}\n")
