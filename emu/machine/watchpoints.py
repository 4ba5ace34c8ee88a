"""Addresses of data that somebody wants to hear of, whoever reads or writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from emu.engine.contract import Access, WatchedRange
from emu.machine.board import Board
from emu.machine.errors import MachineError
from emu.machine.kept_error import KeptError
from emu.report.access import WatchedAccess
from peripherals.framework.observers import Observers

Told = Callable[[WatchedAccess], object]


@dataclass(eq=False, slots=True)
class Watchpoint:
    """A watched range; without a call-back, the run ends behind the instruction that has touched it."""

    watched: WatchedRange
    owner: str
    observers: Observers[[WatchedAccess]]
    """Told of its accesses; if there is none, the run ends."""
    _all: Watchpoints

    def remove(self) -> None:
        """Watch no more; harmless when that is so already."""
        self._all.remove(self)


class Watchpoints:
    """Keeps what the core watches in step with those who want to know."""

    def __init__(self, board: Board, describe: Callable[[int], str], errors: KeptError) -> None:
        self._board = board
        self._core = board.core
        self._describe = describe
        self._errors = errors
        self._watchpoints: list[Watchpoint] = []
        self._hits: list[WatchedAccess] = []
        self._core.on_access = self._accessed

    def add(self, watched: WatchedRange, owner: str, callback: Told | None) -> Watchpoint:
        """Watch a range; MachineError in the middle of an instruction."""
        observers = Observers[[WatchedAccess]](keep_error=self._errors.keep)
        if callback is not None:
            observers.append(callback)
        watchpoint = Watchpoint(watched, owner, observers, self)
        self._replace([*self._watchpoints, watchpoint])
        return watchpoint

    def remove(self, watchpoint: Watchpoint) -> None:
        """Watch a range no more."""
        self._replace([other for other in self._watchpoints if other is not watchpoint])

    def take_hits(self) -> tuple[WatchedAccess, ...]:
        """The accesses for which the run ends, and forget them."""
        hits, self._hits = tuple(self._hits), []
        return hits

    def _replace(self, watchpoints: list[Watchpoint]) -> None:
        try:
            self._core.set_watched(frozenset(each.watched for each in watchpoints))
        except RuntimeError:
            message = "watch: not inside an instruction: do it in a hook, or when the run has ended"
            raise MachineError(message) from None
        self._watchpoints = watchpoints
        written = self._board.memory.written
        if self._written in written:
            written.remove(self._written)
        if watchpoints:
            written.append(self._written)

    def _accessed(self, access: Access) -> bool:
        """An instruction has made an access; whether the run ends for it."""
        return self._tell(access, is_dma=False)

    def _written(self, address: int, size_bytes: int) -> None:
        """Something other than an instruction has written to memory."""
        if not self._errors.is_running:
            return
        for each in self._watchpoints:
            watched = each.watched
            if watched.writes and watched.touches(address, size_bytes):
                first = max(address, watched.address)
                length = min(address + size_bytes, watched.end) - first
                value = int.from_bytes(self._board.memory.peek(first, length), "little")
                if self._tell(Access(first, length, value, is_write=True), is_dma=True, only=each):
                    self._core.stop()

    def _tell(self, access: Access, *, is_dma: bool, only: Watchpoint | None = None) -> bool:
        pc = self._core.engine.current_pc
        ends = False
        for each in [only] if only else self._watchpoints:
            wanted = each.watched.writes if access.is_write else each.watched.reads
            if not wanted or not each.watched.touches(access.address, access.size_bytes):
                continue
            told = WatchedAccess(
                owner=each.owner,
                address=access.address,
                size_bytes=access.size_bytes,
                value=access.value,
                is_write=access.is_write,
                is_dma=is_dma,
                pc=pc,
                location=self._describe(pc),
                time_ns=self._board.clock.now_ns,
            )
            each.observers(told)
            if not each.observers:
                self._hits.append(told)
                ends = True
        return ends
