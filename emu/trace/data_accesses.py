"""The data accesses in a part of a trace, as data: the run comes again for them."""

from __future__ import annotations

from typing import NamedTuple

from emu.engine.contract import Access
from emu.machine.machine import Machine
from emu.trace.close_up import collect_accesses, look_closely
from emu.trace.selection import Selection
from emu.trace.trace import Trace


class DataAccess(NamedTuple):
    """What an instruction has read or written."""

    time_ns: int
    """When the instruction was done."""
    pc: int
    access: Access


class _Collector:
    """A `Teller` that keeps them all."""

    def __init__(self, machine: Machine, found: list[DataAccess]) -> None:
        self._machine = machine
        self._found = found
        self._made = collect_accesses(machine)

    def retired(self, pc: int) -> None:
        """See `Teller`."""
        now_ns = self._machine.now_ns
        self._found += [DataAccess(now_ns, pc, access) for access in self._made]
        self._made.clear()

    def skipped(self) -> None:
        """See `Teller`."""
        self._made.clear()

    def entered(self, vector: int, pc: int) -> None:
        """See `Teller`."""


def find_accesses(trace: Trace, selection: Selection) -> list[DataAccess]:
    """All that the selected instructions have made; MachineError for a trace that cannot be run again."""
    found: list[DataAccess] = []
    look_closely(trace, selection, lambda machine: _Collector(machine, found))
    return found
