"""The table that computed jumps of translated code look their targets up in."""

from __future__ import annotations

from bisect import bisect_right

from emu.dbt.count_detour import CountWords
from emu.dbt.gateway import CODE as GATEWAY
from emu.dbt.host import EXIT, PAGE_BYTES, Host
from emu.dbt.regmap import TABLE_OFFSET
from emu.engine.contract import MemoryRegion


class JumpTable:
    """The table behind EXIT: for each guest halfword the distance of its host code from EXIT, 0 if none.

    Before it lies the code by which translated code is entered and left, and behind that `count_words`.
    """

    def __init__(self, host: Host, memories: tuple[MemoryRegion, ...]) -> None:
        pages: set[int] = {0}
        for memory in memories:
            first = TABLE_OFFSET + memory.base * 2
            pages.update(range(first // PAGE_BYTES, (first + len(memory.buffer) * 2) // PAGE_BYTES + 1))
        self._bases: list[int] = []
        self._pieces: list[memoryview] = []
        for first_page, count in _runs(sorted(pages)):
            buffer = host.map_table(EXIT + first_page * PAGE_BYTES, count * PAGE_BYTES)
            if first_page == 0:
                buffer[: len(GATEWAY)] = GATEWAY
                self.count_words = CountWords(buffer)
            self._bases.append(first_page * PAGE_BYTES - TABLE_OFFSET)
            self._pieces.append(memoryview(buffer).cast("i"))

    def set(self, pc: int, host_address: int | None) -> None:
        """Point the entry of guest `pc` to host code, or to nothing; if it has one."""
        number = bisect_right(self._bases, pc * 2) - 1
        words, entry = self._pieces[number], (pc * 2 - self._bases[number]) // 4
        if entry < len(words):
            words[entry] = 0 if host_address is None else host_address - EXIT


def _runs(pages: list[int]) -> list[tuple[int, int]]:
    """(first, count) of the runs of consecutive numbers."""
    runs: list[tuple[int, int]] = []
    for page in pages:
        if runs and page == sum(runs[-1]):
            runs[-1] = runs[-1][0], runs[-1][1] + 1
        else:
            runs.append((page, 1))
    return runs
