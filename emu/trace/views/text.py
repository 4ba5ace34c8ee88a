"""A line of text for each instruction, with the registers that it has changed."""

from __future__ import annotations

from emu.machine.machine import Machine
from emu.report.trace_format import TraceSubject
from emu.report.trace_text import TextTrace
from emu.trace.close_up import look_closely
from emu.trace.selection import Selection
from emu.trace.trace import Trace
from emu.trace.views.view import Write


def subject_of(machine: Machine) -> TraceSubject:
    """What a text trace of a machine looks at."""
    board = machine.board
    return TraceSubject(board.core.state, board.bus, board.clock, machine.describe)


def show(trace: Trace, selection: Selection, write: Write) -> None:
    """See `View.show`."""
    look_closely(trace, selection, lambda machine: TextTrace(write, subject_of(machine)))
