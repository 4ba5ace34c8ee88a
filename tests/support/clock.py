"""Virtual time that a test owns."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter


class FakeAlarm:
    """An alarm of a FakeClock; `moment` is its absolute time and its order, None when not scheduled."""

    def __init__(self, clock: FakeClock, callback: Callable[[], None]) -> None:
        self._clock = clock
        self.callback = callback
        self.moment: tuple[int, int] | None = None

    @property
    def due_ns(self) -> int | None:
        return None if self.moment is None else self.moment[0]

    def schedule(self, delay_ns: int) -> None:
        self.schedule_at(self._clock.now_ns + delay_ns)

    def schedule_at(self, due_ns: int) -> None:
        self._clock.order += 1
        self.moment = due_ns, self._clock.order

    def cancel(self) -> None:
        self.moment = None

    def restore(self, moment: tuple[int, int] | None) -> None:
        self.moment = moment


class FakeClock:
    """Stands still until told to advance, then fires each alarm at its own time, in order."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.order = 0
        self.alarms: list[FakeAlarm] = []

    def alarm(self, callback: Callable[[], None]) -> FakeAlarm:
        alarm = FakeAlarm(self, callback)
        self.alarms.append(alarm)
        return alarm

    @property
    def next_due_ns(self) -> int | None:
        """The absolute time of the earliest alarm."""
        return min((alarm.due_ns for alarm in self.alarms if alarm.due_ns is not None), default=None)

    def advance(self, delta_ns: int) -> None:
        """Let `delta_ns` pass, alarms due at its very end included."""
        end_ns = self.now_ns + delta_ns
        while (due_ns := self.next_due_ns) is not None and due_ns <= end_ns:
            alarm = min((alarm for alarm in self.alarms if alarm.moment), key=attrgetter("moment"))
            self.now_ns = max(self.now_ns, due_ns)
            alarm.cancel()
            alarm.callback()
        self.now_ns = end_ns

    def jump(self, delta_ns: int) -> None:
        """Let time pass without calling any alarm, as inside a slice of the run loop."""
        self.now_ns += delta_ns
