"""Starts the trace of every instruction."""

from __future__ import annotations

from collections.abc import Callable

from emu.engine.interpreter_engine import InterpreterEngine
from emu.machine.board import Board
from emu.machine.errors import MachineError
from emu.report.trace_format import TraceSubject
from emu.report.trace_formats import FORMATS
from peripherals.framework.observers import Observers


def start_trace(board: Board, describe: Callable[[int], str], writers: Observers[[str]], form: str) -> None:
    """Tell the writers of every instruction from now on; MachineError unless the interpreter executes it."""
    if form not in FORMATS:
        raise MachineError(f"form: {form!r} is none of {', '.join(FORMATS)}")
    core = board.core
    if not isinstance(core.engine, InterpreterEngine):
        raise MachineError('only the interpreter traces: load the machine with engine="interpreter"')
    trace = FORMATS[form](writers, TraceSubject(core.state, board.bus, board.clock, describe))
    core.engine.observer = trace
    core.entry_observers.append(lambda event: trace.entered(event.vector, event.pc))
