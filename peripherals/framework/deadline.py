"""`Deadline`: a time at which a block has something to do, as a part of the block's state."""

from __future__ import annotations

from collections.abc import Callable

from peripherals.framework.environment import Clock


class Deadline:
    """Calls `on_due` once at its time; named in `saved_state`, it comes back with a snapshot."""

    def __init__(self, clock: Clock, on_due: Callable[[], None], *, is_silent: bool = False) -> None:
        """A silent one is for those who watch: the firmware cannot notice whether it is there."""
        self._clock = clock
        self._alarm = alarm = clock.alarm(on_due, is_silent=is_silent)
        self.schedule = alarm.schedule
        """Come so many nanoseconds from now, and not at the time set before."""

    @property
    def due_ns(self) -> int | None:
        """The virtual time that is set; None if there is none, or it has come."""
        return self._alarm.due_ns

    def schedule_at(self, due_ns: int) -> None:
        """Come at that virtual time, and not at the time set before."""
        if due_ns != self._alarm.due_ns:
            self._alarm.schedule_at(due_ns)

    def cancel(self) -> None:
        """Do not come; harmless when no time is set."""
        self._alarm.cancel()

    def save(self) -> int | None:
        """Tell the time."""
        return self._alarm.due_ns

    def restore(self, snapshot: int | None) -> None:
        """Wait for the time of a snapshot; the clock must be back already."""
        self._alarm.restore(snapshot)
