"""What comes of stores into pages that hold translated code: they end the code that they touch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from emu.dbt.code_pages import CodePages
from emu.dbt.store_notes import StoreNotes
from emu.engine.memory import Memory

MOST_TOLD = 256
"""How often a store that touches no code is told before it gets a guard."""


class CodeStores(Memory):
    """The memory that interpreted instructions see, and those who hear of the stores of translated ones."""

    def __init__(
        self, memory: Memory, pages: CodePages, invalidate: Callable[[int, int], None], notes: StoreNotes
    ) -> None:
        self._memory = memory
        self._pages = pages
        self._invalidate = invalidate
        self._notes = notes
        self._told: Counter[int] = Counter()

    def read(self, address: int, size_bytes: int) -> int:
        """See `Memory.read`."""
        return self._memory.read(address, size_bytes)

    def write(self, address: int, value: int, size_bytes: int) -> None:
        """See `Memory.write`."""
        self._memory.write(address, value, size_bytes)
        self._touch(address, size_bytes)

    def told(self, address: int, size_bytes: int, pc: int) -> None:
        """A translated instruction, at `pc`, has stored into a page that holds code."""
        if self._touch(address, size_bytes):
            return
        self._notes.guarded.add(pc)
        self._told[pc] += 1
        if self._told[pc] == MOST_TOLD:
            self._notes.frequent.add(pc)
            self._invalidate(pc, 2)  # to be translated again; others told so far get guards, too

    def _touch(self, address: int, size_bytes: int) -> bool:
        """End the code that a store touches, if there is any."""
        touches = self._pages.touched(address)
        if touches:
            self._notes.variable.update(range(address & ~3, address + size_bytes, 4))
            self._invalidate(address, size_bytes)
        return touches
