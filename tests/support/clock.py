"""Virtual time that a test owns."""

from __future__ import annotations

from collections.abc import Callable


class FakeAlarm:
    """An alarm of a FakeClock; `due_ns` is its absolute time, None when not scheduled."""

    def __init__(self, clock: FakeClock, callback: Callable[[], None]) -> None:
        self._clock = clock
        self.callback = callback
        self.due_ns: int | None = None

    def schedule(self, delay_ns: int) -> None:
        self.schedule_at(self._clock.now_ns + delay_ns)

    def schedule_at(self, due_ns: int) -> None:
        self.due_ns = due_ns

    def cancel(self) -> None:
        self.due_ns = None

    def restore(self, due_ns: int | None) -> None:
        self.due_ns = due_ns


class FakeClock:
    """Stands still until told to advance, then fires each alarm at its own time, in order."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.alarms: list[FakeAlarm] = []

    def alarm(self, callback: Callable[[], None], *, is_silent: bool = False) -> FakeAlarm:
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
            alarm = next(alarm for alarm in self.alarms if alarm.due_ns == due_ns)
            self.now_ns = max(self.now_ns, due_ns)
            alarm.cancel()
            alarm.callback()
        self.now_ns = end_ns

    def jump(self, delta_ns: int) -> None:
        """Let time pass without calling any alarm, as inside a slice of the run loop."""
        self.now_ns += delta_ns
