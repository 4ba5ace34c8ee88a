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
        self._tell(address, value, size_bytes, is_write=False)
        return value

    def write(self, address: int, value: int, size_bytes: int) -> None:
        """Write, and tell."""
        self._memory.write(address, value, size_bytes)
        self._tell(address, value, size_bytes, is_write=True)

    def _tell(self, address: int, value: int, size_bytes: int, *, is_write: bool) -> None:
        if any(each.sees(address, size_bytes, is_write=is_write) for each in self._watched):
            self._accessed(Access(address, size_bytes, value, is_write))
