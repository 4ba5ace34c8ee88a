"""What will happen when, in virtual time; as plain data, so that it can be saved."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Any, Final, Protocol

US: Final = 1_000
MS: Final = 1_000_000
SECOND: Final = 1_000_000_000


class Alarm(Protocol):
    """A one-shot call-back on a clock."""

    @property
    def due_ns(self) -> int | None:
        """When it fires; None when not scheduled."""

    def schedule_at(self, due_ns: int) -> None:
        """Fire at that time; replaces an earlier one."""

    def restore(self, due_ns: int | None) -> None:
        """Fire at a time of before, also one that has passed; None cancels."""


class Clock(Protocol):
    """Virtual time."""

    @property
    def now_ns(self) -> int:
        """Virtual nanoseconds since power-on."""
        ...

    def alarm(self, callback: Callable[[], None]) -> Alarm:
        """A new alarm, not yet scheduled."""
        ...


class Agenda:
    """Calls handlers at their times; entries of the same time in the order in which they were made."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._alarm = clock.alarm(self._come)
        self._handlers: dict[str, Callable[..., None]] = {}
        self._entries: list[tuple[int, int, str, tuple[Any, ...]]] = []
        self._count = 0

    @property
    def now_ns(self) -> int:
        """Virtual nanoseconds since power-on."""
        return self._clock.now_ns

    def handler(self, name: str, handle: Callable[..., None]) -> Callable[..., None]:
        """Make something that can be put on the agenda: called with a delay, then plain data for `handle`."""
        self._handlers[name] = handle
        return lambda delay_ns, *arguments: self._put(delay_ns, name, arguments)

    def _put(self, delay_ns: int, name: str, arguments: tuple[Any, ...]) -> None:
        self._count += 1
        heappush(self._entries, (self._clock.now_ns + delay_ns, self._count, name, arguments))
        if self._entries[0][1] == self._count:
            self._alarm.schedule_at(self._entries[0][0])

    def _come(self) -> None:
        now_ns = self._clock.now_ns
        while self._entries and self._entries[0][0] <= now_ns:
            _, _, name, arguments = heappop(self._entries)
            self._handlers[name](*arguments)
        if self._entries and self._alarm.due_ns != self._entries[0][0]:
            self._alarm.schedule_at(self._entries[0][0])

    def save(self) -> dict[str, Any]:
        """Take a snapshot as plain data."""
        return {"entries": sorted(self._entries), "count": self._count, "due": self._alarm.due_ns}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot; the clock must be back already."""
        self._entries = list(map(tuple, snapshot["entries"]))
        heapify(self._entries)
        self._count = snapshot["count"]
        self._alarm.restore(snapshot["due"])
