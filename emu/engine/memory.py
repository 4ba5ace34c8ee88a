"""What the interpreter needs of a memory."""

from __future__ import annotations

from typing import Protocol


class Memory(Protocol):
    """A little-endian address space; both raise CpuException(ACCESS_ERROR, address) where nothing answers."""

    def read(self, address: int, size_bytes: int) -> int:
        """Read 1, 2 or 4 bytes, zero-extended."""
        ...

    def write(self, address: int, value: int, size_bytes: int) -> None:
        """Write the low 1, 2 or 4 bytes of `value`."""


class Nowhere(Memory):
    """A memory for those who make no accesses."""

    def read(self, address: int, size_bytes: int) -> int:
        """See `Memory.read`."""
        raise NotImplementedError

    def write(self, address: int, value: int, size_bytes: int) -> None:
        """See `Memory.write`."""
        raise NotImplementedError
