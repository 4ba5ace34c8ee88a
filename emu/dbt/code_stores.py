"""What comes of stores into pages that hold translated code, or are watched."""

from __future__ import annotations

from collections.abc import Callable

from emu.dbt.code_pages import CodePages
from emu.dbt.store_notes import StoreNotes
from emu.engine.contract import Access, CoreEvents, GuestBus, Stop, StopReason, WatchedRange
from emu.engine.memory import Memory

MOST_TOLD = 64
"""How often a store that touches no code is told before it gets a guard."""
_WATCHED = Stop(StopReason.WATCHED)


class CodeStores(Memory):
    """The memory that interpreted instructions see, and those who hear of the stores of translated ones."""

    def __init__(
        self,
        memory: GuestBus,
        pages: CodePages,
        invalidate: Callable[[int, int], None],
        notes: StoreNotes,
        events: CoreEvents,
    ) -> None:
        self._memory = memory
        self._pages = pages
        self._invalidate = invalidate
        self._notes = notes
        self._events = events
        self._watched: tuple[WatchedRange, ...] = ()
        self._ends = False

    def read(self, address: int, size_bytes: int) -> int:
        """See `Memory.read`."""
        return self._memory.read(address, size_bytes)

    def write(self, address: int, value: int, size_bytes: int) -> None:
        """See `Memory.write`."""
        self._memory.write(address, value, size_bytes)
        self._touch(address, size_bytes)

    def watch(self, watched: frozenset[WatchedRange]) -> frozenset[WatchedRange]:
        """Hear of the stores of translated code to these; gives those that have to be refused instead.

        That is wherever reads are watched, or something else than RAM.
        """
        told = frozenset(each for each in watched if not each.reads and self._is_ram(each))
        self._watched = tuple(told)
        return watched - told

    @property
    def watched(self) -> tuple[tuple[int, int], ...]:
        """The bytes whose stores are heard of for it."""
        return tuple((each.address, each.end) for each in self._watched)

    def take_end(self) -> Stop | None:
        """The end of the run, if a watched store of translated code wants it; it is forgotten."""
        ends, self._ends = self._ends, False
        return _WATCHED if ends else None

    def told(self, address: int, size_bytes: int, pc: int) -> None:
        """A translated instruction, at `pc`, has stored into a page that holds code, or is watched."""
        if self._touch(address, size_bytes):
            self._tell_watched(address, size_bytes, pc)
            return
        self._notes.guarded.add(pc)
        self._notes.told[pc] += 1
        if self._notes.told[pc] == MOST_TOLD:
            self._notes.frequent.add(pc)
            self._invalidate(pc, 2)  # to be translated again; others told so far get guards, too

    def _tell_watched(self, address: int, size_bytes: int, pc: int) -> None:
        if any(each.sees(address, size_bytes, is_write=True) for each in self._watched):
            value = self._memory.read(address, size_bytes)
            if self._events.accessed(Access(address, size_bytes, value, is_write=True)):
                self._ends = True
                self._invalidate(pc, 2)  # it runs: so it ends behind this instruction

    def _is_ram(self, watched: WatchedRange) -> bool:
        return any(
            memory.writable
            and memory.base <= watched.address
            and watched.end <= memory.base + len(memory.buffer)
            for memory in self._memory.regions
        )

    def _touch(self, address: int, size_bytes: int) -> bool:
        """End the code that a store touches, if there is any."""
        touches = self._pages.touched(address)
        if touches:
            self._notes.variable.update(range(address & ~3, address + size_bytes, 4))
            self._invalidate(address, size_bytes)
        return touches
