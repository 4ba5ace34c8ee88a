"""What is known of the code at any time of a trace, so that its entries can be told apart later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from emu.engine.contract import MemoryRegion
from emu.trace.layout import CODE


class _Memory:
    """Plain memory, and what has been written of it."""

    def __init__(self, region: MemoryRegion) -> None:
        self.base, self.now = region.base, region.buffer
        self.end = region.base + len(region.buffer)
        self.written = bytearray(len(region.buffer))
        self.is_known = bytearray(len(region.buffer))


class CodeLog:
    """Collects records of code that is new, or has changed."""

    def __init__(self, regions: Iterable[MemoryRegion]) -> None:
        self._memories = [_Memory(region) for region in regions]
        self._records: list[bytes] = []

    def note(self, entries: int, ranges: Sequence[tuple[int, int]]) -> None:
        """Instructions from here to there may be executed behind so many entries."""
        for start, end in ranges:
            for memory in self._memories:
                if memory.base <= start < memory.end:
                    self._note(memory, entries, start - memory.base, min(end, memory.end) - memory.base)

    def take(self) -> bytes:
        """The records since the last time."""
        records, self._records = b"".join(self._records), []
        return records

    def _note(self, memory: _Memory, entries: int, start: int, end: int) -> None:
        data, inside = memory.now[start:end], slice(start, end)
        if memory.written[inside] != data or not all(memory.is_known[inside]):
            memory.written[inside] = data
            memory.is_known[inside] = b"\1" * len(data)
            self._records.append(CODE.pack(entries, memory.base + start, len(data)) + data)
