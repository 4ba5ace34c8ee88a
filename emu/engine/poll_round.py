"""A round of a loop as it is executed: its instructions, and what they read and write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from emu.engine.contract import CoreEvents, MemoryRegion, ReadOutlook
from emu.engine.memory import Memory
from emu.isa.insn import Insn
from emu.isa.state import CpuState


class SeenAccess(NamedTuple):
    """A read or write of data of 1, 2 or 4 bytes."""

    address: int
    size_bytes: int
    value: int
    elapsed: int
    outlook: ReadOutlook | None
    """Of a device register; None: memory."""


class SeenInstruction(NamedTuple):
    """An instruction that was executed."""

    pc: int
    row: Insn
    operands: tuple[int, ...]


@dataclass(slots=True)
class Round:
    """One round, from the state at its beginning on."""

    registers: tuple[int, ...]
    condition: int
    elapsed: int
    """At its beginning."""
    instructions: list[SeenInstruction] = field(default_factory=list)
    accesses: list[SeenAccess] = field(default_factory=list)
    """In their order; code and its literals are not among them."""

    def last_before(self, end: int, limit: int) -> int:
        """The number of the last round that ends before `limit`, and whose reads give what is foreseen.

        This one, number 0, has ended with `end` elapsed.
        """
        cost = end - self.elapsed
        untils = ((access.elapsed, access.outlook.until) for access in self.accesses if access.outlook)
        times = [(end, limit), *untils]
        return min((until - 1 - elapsed) // cost for elapsed, until in times if until is not None)

    @staticmethod
    def beginning(state: CpuState, elapsed: int) -> Round:
        """The one that begins in that state."""
        return Round(tuple(state.r), state.c, elapsed)


class RoundRecorder:
    """A memory that notes all accesses of a round. It is `lost` behind one that cannot be left out."""

    def __init__(
        self,
        regions: tuple[MemoryRegion, ...],
        memory: Memory,
        events: CoreEvents,
        elapsed: Callable[[], int],
        seen: Round,
    ) -> None:
        self._regions = regions
        self._memory = memory
        self._events = events
        self._elapsed = elapsed
        self._seen = seen
        self.is_lost = False

    def read(self, address: int, size_bytes: int) -> int:
        """Read, and note it with the outlook of a device register."""
        outlook = None
        if not any(each.base <= address < each.base + len(each.buffer) for each in self._regions):
            outlook = self._events.outlook(address, size_bytes)
            self.is_lost |= outlook is None
        value = self._memory.read(address, size_bytes)
        self._note(address, size_bytes, value, outlook)
        return value

    def write(self, address: int, value: int, size_bytes: int) -> None:
        """Write, and note it; only what is written to RAM can be left out."""
        self._memory.write(address, value, size_bytes)
        self.is_lost |= not any(
            each.writable and each.base <= address < each.base + len(each.buffer) for each in self._regions
        )
        self._note(address, size_bytes, value, None)

    def _note(self, address: int, size_bytes: int, value: int, outlook: ReadOutlook | None) -> None:
        self._seen.accesses.append(SeenAccess(address, size_bytes, value, self._elapsed(), outlook))
