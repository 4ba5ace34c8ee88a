"""The lines of the text view, and behind them the accesses of each instruction to memory, by variable."""

from __future__ import annotations

from emu.trace.close_up import look_closely
from emu.trace.selection import Selection
from emu.trace.trace import Trace
from emu.trace.views.accesses import AccessTrace
from emu.trace.views.view import Write


def show(trace: Trace, selection: Selection, write: Write) -> None:
    """See `View.show`."""
    look_closely(trace, selection, lambda machine: AccessTrace(write, machine, with_devices=False))
