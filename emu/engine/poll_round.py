"""The way of a round of a loop: its instructions, and what they access."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from emu.engine.contract import CoreEvents, MemoryRegion
from emu.engine.memory import Memory
from emu.engine.poll_values import Change, Course, Place
from emu.isa.insn import Insn


class SeenInstruction(NamedTuple):
    """An instruction of it."""

    pc: int
    row: Insn
    operands: tuple[int, ...]


class SeenAccess(NamedTuple):
    """A read or write of data."""

    passed: int
    """What has elapsed before it since the round began."""
    course: Course | None
    """Of a device, perhaps to be followed; None: memory."""


class SeenCode(NamedTuple):
    """Bytes that instructions were made from."""

    memory: MemoryRegion
    offset: int
    code: bytes

    @property
    def is_there(self) -> bool:
        """Whether nobody has changed them since."""
        return self.memory.buffer[self.offset : self.offset + len(self.code)] == self.code


@dataclass(slots=True)
class Round:
    """One round as it was executed: others may go the same way."""

    instructions: list[SeenInstruction] = field(default_factory=list)
    accesses: list[SeenAccess] = field(default_factory=list)
    """In their order; code and its literals are not among them."""
    cost: int = 0
    code: tuple[SeenCode, ...] = ()
    changes: dict[Place, Change] = field(default_factory=dict)
    """What was proven last of the places that it reads: supposed of the next ones at first."""
    trust: int = 0
    """How often it may come to nothing yet."""

    def keep_code(self, regions: Sequence[MemoryRegion]) -> None:
        """Remember the bytes of its instructions."""
        pieces: list[tuple[int, int]] = []
        for pc, row, _ in sorted(set(self.instructions)):
            if pieces and pc <= pieces[-1][1]:
                pieces[-1] = pieces[-1][0], max(pc + row.size_bytes, pieces[-1][1])
            else:
                pieces.append((pc, pc + row.size_bytes))
        self.code = tuple(_code(regions, start, end) for start, end in pieces)

    def meets(self, breakpoints: frozenset[int]) -> bool:
        """Whether one of them is on the way."""
        return any(pc in breakpoints for pc, _, _ in self.instructions)

    @property
    def is_there(self) -> bool:
        """Whether its code is what it was."""
        return all(piece.is_there for piece in self.code)


def _code(regions: Sequence[MemoryRegion], start: int, end: int) -> SeenCode:
    memory = region_at(regions, start)
    assert memory is not None  # it was executed
    offset = start - memory.base
    return SeenCode(memory, offset, bytes(memory.buffer[offset : offset + end - start]))


class RoundRecorder:
    """A memory that notes all accesses of a round. It is `lost` behind one that cannot be left out."""

    def __init__(
        self,
        regions: tuple[MemoryRegion, ...],
        memory: Memory,
        events: CoreEvents,
        passed: Callable[[], int],
        seen: Round,
    ) -> None:
        """`passed` tells what has elapsed since the round began."""
        self._regions = regions
        self._memory = memory
        self._events = events
        self._passed = passed
        self._seen = seen
        self.is_lost = False

    def read(self, address: int, size_bytes: int) -> int:
        """Read, and note whether from a device."""
        is_device = region_at(self._regions, address) is None
        if is_device:
            self.is_lost |= self._events.outlook(address, size_bytes) is None
        self._note(Course() if is_device else None)
        return self._memory.read(address, size_bytes)

    def write(self, address: int, value: int, size_bytes: int) -> None:
        """Write, and note it; only what is written to RAM can be left out."""
        region = region_at(self._regions, address)
        self.is_lost |= region is None or not region.writable
        self._note(None)
        self._memory.write(address, value, size_bytes)

    def _note(self, course: Course | None) -> None:
        self._seen.accesses.append(SeenAccess(self._passed(), course))


def region_at(regions: Sequence[MemoryRegion], address: int) -> MemoryRegion | None:
    """The memory at an address; None: it is a device's, or nobody's."""
    for each in regions:
        if each.base <= address < each.base + len(each.buffer):
            return each
    return None
