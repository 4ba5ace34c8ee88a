"""What the reference interpreter needs of a memory."""

from __future__ import annotations

from typing import Protocol

from emu.isa.ops import CpuException, Vector


class AccessError(CpuException):
    """Nothing answers at `address`."""

    def __init__(self, address: int) -> None:
        super().__init__(Vector.ACCESS_ERROR, address)


class Memory(Protocol):
    """A little-endian address space; every method raises `AccessError` where nothing answers."""

    def fetch(self, address: int) -> int:
        """Read the instruction halfword at an even address."""

    def read(self, address: int, size_bytes: int) -> int:
        """Read 1, 2 or 4 bytes, zero-extended."""

    def write(self, address: int, size_bytes: int, value: int) -> None:
        """Write the low 1, 2 or 4 bytes of `value`."""
