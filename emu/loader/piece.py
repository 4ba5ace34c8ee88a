"""Bytes and where they lie."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FlashPiece:
    """Bytes at an offset of the flash, and what they are."""

    offset: int
    data: bytes
    name: str

    @property
    def end(self) -> int:
        """The offset behind the last byte."""
        return self.offset + len(self.data)


@dataclass(frozen=True, slots=True)
class MemoryPiece:
    """Bytes at an address of the CPU."""

    address: int
    data: bytes

    @property
    def end(self) -> int:
        """The address behind the last byte."""
        return self.address + len(self.data)
