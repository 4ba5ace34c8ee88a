"""Checks a trace: the interpreter executes the run again, and has to come to every instruction in turn."""

from __future__ import annotations

from collections.abc import Iterator

from emu.engine.interpreter_engine import InterpreterEngine
from emu.trace.trace import Trace


class TraceError(Exception):
    """The trace is not what was executed."""


class _Comparison:
    """Hears of each instruction."""

    def __init__(self, addresses: Iterator[int], skipped: int) -> None:
        self.compared = 0
        self._addresses = addresses
        self._skipped = skipped

    def retired(self, pc: int) -> None:
        """An instruction was executed."""
        if self._skipped:
            self._skipped -= 1
            return
        expected = next(self._addresses, None)
        if expected is None:
            return  # the trace was closed before the recording
        if expected != pc:
            raise TraceError(
                f"instruction {self.compared + 1:,} of the trace is {expected:#010x}, executed was {pc:#010x}"
            )
        self.compared += 1


def check(trace: Trace) -> int:
    """Compare every instruction with a replay by the interpreter, and count them.

    TraceError at the first difference, or where the trace has no recording.
    """
    replay = trace.replay(engine="interpreter", cache=False)
    engine = replay.machine.board.core.engine
    assert isinstance(engine, InterpreterEngine)
    addresses = trace.instructions()
    comparison = _Comparison(addresses, trace.begins.executed - engine.executed)
    engine.observer = comparison
    result = replay.run()
    if result.difference:
        raise TraceError(str(result))
    left = sum(1 for _ in addresses)
    if left:
        raise TraceError(f"the trace has {left:,} instructions more than were executed")
    return comparison.compared
