"""A transfer of a DMA channel: two addresses that step, and the bytes that are left."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from peripherals.framework.environment import MasterPort

_NO_END: Final = 1 << 32


class Step(IntEnum):
    """What happens to an address after each unit (wm_dma_addr_mode_t)."""

    FIXED = 0
    INCREMENT = 1
    RESERVED = 2
    WRAP = 3


class Unit(IntEnum):
    """How much moves at once (wm_dma_xfer_unit_t)."""

    BYTE = 0
    HALFWORD = 1
    WORD = 2
    RESERVED = 3

    @property
    def size_bytes(self) -> int:
        """The bytes of one bus access."""
        return (1, 2, 4, 4)[self]


@dataclass(slots=True)
class Pointer:
    """One end of a transfer; `ring_start` and `ring_bytes` matter when it wraps."""

    address: int
    step: Step
    ring_start: int
    ring_bytes: int

    def __post_init__(self) -> None:
        if self.step is Step.WRAP and self.ring_bytes:
            self.address = self.ring_start  # W806 manual, 6.4.5 and 6.4.7
        elif self.step is not Step.FIXED:
            self.step = Step.INCREMENT

    def contiguous_bytes(self, unit: Unit) -> int:
        """Tell how much can be accessed here in one piece."""
        if self.step is Step.FIXED:
            return unit.size_bytes  # a register, where each access counts
        return self.ring_start + self.ring_bytes - self.address if self.step is Step.WRAP else _NO_END

    def advance(self, size_bytes: int) -> None:
        """Step over what was accessed."""
        if self.step is Step.FIXED:
            return
        self.address += size_bytes
        if self.step is Step.WRAP and self.address >= self.ring_start + self.ring_bytes:
            self.address = self.ring_start


@dataclass(slots=True)
class Transfer:
    """What a running channel still has to do."""

    source: Pointer
    destination: Pointer
    unit: Unit
    left_bytes: int
    moved_bytes: int = 0

    def move(self, memory: MasterPort, size_bytes: int) -> None:
        """Move some bytes, at most what is left; raises BusError where nothing answers."""
        size_bytes = min(size_bytes, self.left_bytes)
        while size_bytes > 0:
            piece = min(
                size_bytes,
                self.source.contiguous_bytes(self.unit),
                self.destination.contiguous_bytes(self.unit),
                self._distance_ahead(),
            )
            memory.write(self.destination.address, memory.read(self.source.address, piece))
            self.source.advance(piece)
            self.destination.advance(piece)
            self.left_bytes -= piece
            self.moved_bytes += piece
            size_bytes -= piece

    @property
    def moves_words_in_order(self) -> bool:
        """Whether words of memory go to a register one after the other."""
        steps = self.source.step, self.destination.step
        return self.unit is Unit.WORD and steps == (Step.INCREMENT, Step.FIXED)

    def take(self, memory: MasterPort, size_bytes: int) -> bytes:
        """Move some bytes to whoever calls; raises BusError where nothing answers."""
        data = memory.read(self.source.address, size_bytes)
        self.source.advance(size_bytes)
        self.left_bytes -= size_bytes
        self.moved_bytes += size_bytes
        return data

    def _distance_ahead(self) -> int:
        """How far the destination is ahead of the source, which reads again what was written there."""
        distance = self.destination.address - self.source.address
        return max(distance, self.unit.size_bytes) if distance > 0 else _NO_END
