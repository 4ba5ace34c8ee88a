"""The pages of RAM that hold translated code, or are watched: their guards tell where stores touch that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from emu.dbt.host import PAGE_BYTES, Host
from emu.dbt.store_guard import LONGEST_BYTES
from emu.engine.contract import MemoryRegion

Ranges = Iterable[tuple[int, int]]
"""(start, end) of guest bytes."""

_CODE, _DATA = b"\0", b"\xff"


class CodePages:
    """Which bytes of RAM translated code was made from."""

    def __init__(self, host: Host, memories: tuple[MemoryRegion, ...]) -> None:
        self._host = host
        self._ram = [memory for memory in memories if memory.writable]
        self._guards: dict[int, bytearray] = {}
        self.watched: tuple[tuple[int, int], ...] = ()
        """Other bytes whose stores have to be told."""

    def add(self, ranges: Ranges) -> None:
        """Code was made from these bytes."""
        for memory, page, first, end in self._pieces(ranges):
            guards = self._guards.get(page)
            if guards is None:
                guards = self._guards[page] = self._host.guard(page, memory)
                guards[:] = _DATA * PAGE_BYTES
            guards[first:end] = _CODE * (end - first)

    def remove(self, ranges: Ranges, left: Ranges) -> None:
        """The code made from these bytes is no more; `left` are those of other code around them."""
        pieces = list(self._pieces(ranges))
        for _, page, first, end in pieces:
            self._guards[page][first:end] = _DATA * (end - first)
        if pieces:
            self.add((*left, *self.watched))

    def release(self) -> None:
        """Let pages go that hold no code any more. Not while translated code runs."""
        for page in [page for page, guards in self._guards.items() if _CODE not in guards]:
            del self._guards[page]
            self._host.release(page)

    def clear(self) -> None:
        """There is no code any more. Not while translated code runs."""
        for guards in self._guards.values():
            guards[:] = _DATA * PAGE_BYTES
        self.add(self.watched)
        self.release()

    def touched(self, address: int) -> bool:
        """Whether a store at an address may touch code."""
        guards = self._guards.get(address // PAGE_BYTES)
        return guards is not None and guards[address % PAGE_BYTES] == 0

    def _pieces(self, ranges: Ranges) -> Iterator[tuple[MemoryRegion, int, int, int]]:
        """(memory, page, first, end) of the addresses in RAM where a store can touch one of the ranges."""
        for start, end in ranges:
            for memory in self._ram:
                if memory.base <= start < memory.base + len(memory.buffer):
                    at = max(memory.base, start - LONGEST_BYTES + 1)
                    while at < end:
                        page, first = divmod(at, PAGE_BYTES)
                        behind = min(end - page * PAGE_BYTES, PAGE_BYTES)
                        yield memory, page, first, behind
                        at = (page + 1) * PAGE_BYTES
