"""A part of a trace executed once more by the interpreter, to be told in every detail.

Nothing of this is in the trace: runs are reproducible, so the translator goes to the beginning of the part at
full speed, and the interpreter takes over from there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from emu.engine.contract import Access, WatchedRange
from emu.engine.interpreter_engine import InterpreterEngine, Observer
from emu.machine.machine import Machine
from emu.trace.flow import Window
from emu.trace.trace import Trace

_ALL: Final = WatchedRange(0, 1 << 32, reads=True, writes=True)


def look_closely(trace: Trace, window: Window, make: Callable[[Machine], Observer]) -> None:
    """Let the observer that `make` makes hear of every instruction in a window.

    MachineError for a trace that cannot be run again.
    """
    first, last = instructions_of(trace, window)
    fast, slow = trace.replay(engine="translator"), trace.replay(engine="interpreter")
    fast.run_until(first)
    slow.take_over(fast)
    engine = slow.machine.board.core.engine
    assert isinstance(engine, InterpreterEngine)
    engine.observer = make(slow.machine)
    slow.run_until(last)


def collect_accesses(machine: Machine) -> list[Access]:
    """A list that gets each data access from now on; who looks at it clears it."""
    accesses: list[Access] = []

    def accessed(access: Access) -> bool:
        accesses.append(access)
        return False

    machine.board.core.on_access = accessed
    machine.board.core.set_watched(frozenset((_ALL,)))
    return accesses


def instructions_of(trace: Trace, window: Window) -> tuple[int, int]:
    """The numbers of the first instruction in a window, and of the first behind it."""
    first = last = None
    for part in trace.parts(window):
        first = int(part.executed[0]) if first is None else first
        _, last = part.end
    return (0, 0) if first is None or last is None else (first, last)
