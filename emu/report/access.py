"""Accesses that somebody has watched for."""

from __future__ import annotations

from dataclasses import dataclass

from emu.report.data import Reported
from emu.report.phrases import after, place


@dataclass(frozen=True, slots=True)
class WatchedAccess(Reported):
    """A read or write of a watched address."""

    owner: str
    """Who watches."""
    address: int
    size_bytes: int
    value: int
    """What was read or written."""
    is_write: bool
    is_dma: bool
    """Whether something else than an instruction did it; pc is where the CPU was at that time."""
    pc: int
    location: str
    """Symbol and offset of pc; empty if unknown."""
    time_ns: int

    @property
    def text(self) -> str:
        """One line."""
        what = f"{self.value:#x} {'written to' if self.is_write else 'read from'} {self.address:#010x}"
        by = "by DMA, at" if self.is_dma else "at"
        return f"{what} {by} {place(self.pc, self.location)}, {after(self.time_ns)}"

    def __str__(self) -> str:
        return self.text
