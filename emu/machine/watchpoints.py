"""Addresses of data that somebody wants to hear of, whoever reads or writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from emu.engine.contract import Access, WatchedRange
from emu.machine.board import Board
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
        self.errors = errors
        self._watchpoints: list[Watchpoint] = []
        self._hits: list[tuple[Watchpoint, WatchedAccess]] = []
        self._has_changed = False
        self.is_muted = False
        """Nothing is told, and no run ends."""
        self.hears_all = ""
        """The owner for whom it is otherwise even so."""
        self._core.on_access = self._accessed

    def add(self, watched: WatchedRange, owner: str, callback: Told | None) -> Watchpoint:
        """Watch a range, from the next check point on if an instruction is under way."""
        observers = Observers[[WatchedAccess]](keep_error=self.errors.keep)
        if callback is not None:
            observers.append(callback)
        watchpoint = Watchpoint(watched, owner, observers, self)
        self._watchpoints.append(watchpoint)
        self._changed()
        return watchpoint

    def remove(self, watchpoint: Watchpoint) -> None:
        """Watch a range no more."""
        if watchpoint in self._watchpoints:
            self._watchpoints.remove(watchpoint)
            self._hits = [(who, access) for who, access in self._hits if who is not watchpoint]
            self._changed()

    def apply(self) -> None:
        """Let the core watch what has changed meanwhile; between runs of it."""
        if self._has_changed:
            self._has_changed = False
            self._core.set_watched(frozenset(each.watched for each in self._watchpoints))

    @property
    def has_hits(self) -> bool:
        """Whether the run has to end for an access."""
        return bool(self._hits)

    def take_hits(self) -> tuple[WatchedAccess, ...]:
        """The accesses for which the run ends, and forget them."""
        hits, self._hits = self._hits, []
        return tuple(access for _, access in hits)

    def _changed(self) -> None:
        self._has_changed = True
        if self.errors.is_running:
            self._core.stop()  # so that it is told soon
        written = self._board.memory.written
        if self._written in written:
            written.remove(self._written)
        if self._watchpoints:
            written.append(self._written)

    def _heard(self) -> list[Watchpoint]:
        """Those whose users hear of what happens now."""
        return [each for each in self._watchpoints if not self.is_muted or each.owner == self.hears_all]

    def _accessed(self, access: Access) -> bool:
        """An instruction has made an access; whether the run ends for it."""
        where, size_bytes, is_write = access.address, access.size_bytes, access.is_write
        told = [each for each in self._heard() if each.watched.sees(where, size_bytes, is_write=is_write)]
        ends = [self._tell(each, access, is_dma=False) for each in told]  # all of them are told
        return any(ends)

    def _written(self, address: int, size_bytes: int) -> None:
        """Something other than an instruction has written to memory."""
        if not self.errors.is_running:
            return
        for each in self._heard():
            watched = each.watched
            if watched.sees(address, size_bytes, is_write=True):
                first = max(address, watched.address)
                length = min(address + size_bytes, watched.end) - first
                value = int.from_bytes(self._board.memory.peek(first, length), "little")
                if self._tell(each, Access(first, length, value, is_write=True), is_dma=True):
                    self._core.stop()

    def _tell(self, watchpoint: Watchpoint, access: Access, *, is_dma: bool) -> bool:
        """Tell of an access to one range; whether the run ends for it."""
        pc = self._core.engine.current_pc
        told = WatchedAccess(
            owner=watchpoint.owner,
            address=access.address,
            size_bytes=access.size_bytes,
            value=access.value,
            is_write=access.is_write,
            is_dma=is_dma,
            pc=pc,
            location=self._describe(pc),
            time_ns=self._board.clock.now_ns,
        )
        watchpoint.observers(told)
        if watchpoint.observers:
            return False
        self._hits.append((watchpoint, told))
        return True
