"""Tells of the data accesses of instructions to some addresses."""

from __future__ import annotations

from collections.abc import Callable

from emu.engine.contract import Access, WatchedRange
from emu.engine.memory import Memory


class WatchedMemory:
    """A memory that tells `accessed` of each access that touches a watched range, when it is done."""

    def __init__(
        self, memory: Memory, watched: frozenset[WatchedRange], accessed: Callable[[Access], None]
    ) -> None:
        self._memory = memory
        self._watched = watched
        self._accessed = accessed

    def read(self, address: int, size_bytes: int) -> int:
        """Read, and tell."""
        value = self._memory.read(address, size_bytes)
        if any(each.reads and each.touches(address, size_bytes) for each in self._watched):
            self._accessed(Access(address, size_bytes, value, is_write=False))
        return value

    def write(self, address: int, value: int, size_bytes: int) -> None:
        """Write, and tell."""
        self._memory.write(address, value, size_bytes)
        if any(each.writes and each.touches(address, size_bytes) for each in self._watched):
            self._accessed(Access(address, size_bytes, value, is_write=True))
