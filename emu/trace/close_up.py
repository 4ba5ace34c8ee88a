"""A part of a trace executed once more by the interpreter, to be told in every detail.

Nothing of this is in the trace: runs are reproducible, so the translator goes to the beginning of the part at
full speed, and the interpreter takes over from there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from emu.cpu.core import ExceptionEvent
from emu.engine.contract import Access, WatchedRange
from emu.engine.interpreter_engine import InterpreterEngine
from emu.machine.machine import Machine
from emu.trace.names import NAMELESS, Function
from emu.trace.selection import Selection
from emu.trace.trace import Trace
from emu.trace.window import Window

_ALL: Final = WatchedRange(0, 1 << 32, reads=True, writes=True)


class Teller(Protocol):
    """Tells of what is executed."""

    def retired(self, pc: int) -> None:
        """The instruction at `pc` has been executed: the CPU state is the one behind it."""

    def skipped(self) -> None:
        """One that is not wanted has been executed."""

    def entered(self, vector: int, pc: int) -> None:
        """An exception or interrupt is taken before the instruction at `pc`."""


class _Chooser:
    """Observes the engine, and lets a teller hear of what is wanted."""

    def __init__(self, machine: Machine, selection: Selection, teller: Teller) -> None:
        self._machine = machine
        self._selection = selection
        self._teller = teller

    def retired(self, pc: int) -> None:
        """See `Observer`."""
        if self._is_wanted(pc):
            self._teller.retired(pc)
        else:
            self._teller.skipped()

    def entered(self, event: ExceptionEvent) -> None:
        """An exception is taken."""
        if self._is_wanted(event.pc):
            self._teller.entered(event.vector, event.pc)

    def _is_wanted(self, pc: int) -> bool:
        if self._selection.has_all_code:
            return True
        found = self._machine.symbols.at(pc)
        name, address = (found[0].name, found[0].address) if found else (NAMELESS, 0)
        return self._selection.has(pc, Function(name, address, 0))


def look_closely(trace: Trace, selection: Selection, make: Callable[[Machine], Teller]) -> None:
    """Let the teller that `make` makes hear of every instruction that is wanted.

    MachineError for a trace that cannot be run again.
    """
    first, last = instructions_of(trace, selection.window)
    fast, slow = trace.replay(engine="translator"), trace.replay(engine="interpreter")
    fast.run_until(first)
    slow.take_over(fast)
    engine = slow.machine.board.core.engine
    assert isinstance(engine, InterpreterEngine)
    chooser = _Chooser(slow.machine, selection, make(slow.machine))
    engine.observer = chooser
    slow.machine.board.core.entry_observers.append(chooser.entered)
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
