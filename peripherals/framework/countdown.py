"""The one place with tick arithmetic: a down counter that nobody polls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from peripherals.framework.deadline import Deadline
from peripherals.framework.environment import NS_PER_SECOND, Clock
from peripherals.framework.outlook import STEADY, Count, Outlook


class Countdown:
    """Counts `period` ticks of `frequency_hz` down to an expiry, and again if `periodic`.

    It is exact: an expiry is the first nanosecond at or after its tick, and the next one is counted from the
    tick, so that frequencies which do not divide 10^9 do not drift. `on_expire` gets the number of periods
    that have passed: 1, or more if the clock called late.
    """

    def __init__(self, clock: Clock, on_expire: Callable[[int], None], *, periodic: bool = True) -> None:
        self.periodic = periodic
        self._clock = clock
        self._on_expire = on_expire
        self._deadline = Deadline(clock, self.catch_up)
        self._period = 0
        self._frequency_hz = 1
        self._left = 0
        self._is_held = False
        self._expiry: int | None = None  # in units of 1/frequency_hz nanoseconds; None: stopped
        self._outlook: Outlook | None = None  # while it runs as it does

    @property
    def is_running(self) -> bool:
        """Whether it is counting."""
        return self._expiry is not None

    @property
    def period(self) -> int:
        """The ticks from one expiry to the next; a new value counts from the next reload on."""
        return self._period

    @period.setter
    def period(self, ticks: int) -> None:
        self._period = ticks

    @property
    def frequency_hz(self) -> int:
        """Ticks a second; a change keeps the ticks left."""
        return self._frequency_hz

    @frequency_hz.setter
    def frequency_hz(self, frequency_hz: int) -> None:
        if frequency_hz == self._frequency_hz:
            return
        was_running = self.is_running
        self.stop()
        self._frequency_hz = frequency_hz
        if was_running:
            self.resume()

    @property
    def left(self) -> int:
        """The ticks to the next expiry, a begun one counted whole; 0 when it has expired for good."""
        if self._expiry is None:
            return self._left
        ticks = -((self._clock.now_ns * self._frequency_hz - self._expiry) // NS_PER_SECOND)
        return ticks if ticks > 0 or not self._repeats else ticks % self._period or self._period

    @property
    def outlook(self) -> Outlook:
        """How `left` goes on."""
        if self._expiry is None:
            return STEADY
        if self._outlook is None:
            rounded_up = self._expiry + NS_PER_SECOND - 1
            count = Count(rounded_up, -self._frequency_hz, NS_PER_SECOND)
            self._outlook = Outlook(self._deadline.due_ns, count)
        return self._outlook

    def restart(self, ticks: int | None = None) -> None:
        """Begin anew, with `ticks` (else the period) to the first expiry; 0 ticks never expire."""
        self._is_held = False
        self._left = self._period if ticks is None else ticks
        self._expiry = None
        self.resume()

    def stop(self) -> None:
        """Hold the count."""
        self.catch_up()
        self._left = max(self.left, 0)
        self._expiry = None
        self._deadline.cancel()

    def hold(self, is_held: bool) -> None:
        """Stand still with the clock that is counted, if running; then go on."""
        if is_held:
            self._is_held = self.is_running
            self.stop()
        elif self._is_held:
            self._is_held = False
            self.resume()

    def resume(self) -> None:
        """Go on counting from where it was held; harmless when running, or with nothing left to count."""
        if self._expiry is None and self._left > 0:
            self._expiry = self._clock.now_ns * self._frequency_hz + self._left * NS_PER_SECOND
        self._schedule()

    def catch_up(self) -> None:
        """Handle an expiry that is due; models call this before they show their flags."""
        if self._expiry is None:
            return
        late = self._clock.now_ns * self._frequency_hz - self._expiry
        if late < 0:
            return
        passed = 1
        if self._repeats:
            passed += late // (self._period * NS_PER_SECOND)
            self._expiry += passed * self._period * NS_PER_SECOND
        else:
            self._left, self._expiry = 0, None
        self._schedule()
        self._on_expire(passed)

    def save(self) -> dict[str, Any]:
        """Give the state as plain data."""
        return {
            "period": self._period,
            "frequency_hz": self._frequency_hz,
            "left": self._left,
            "is_held": self._is_held,
            "expiry": self._expiry,
            "periodic": self.periodic,
            "deadline": self._deadline.save(),
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Take the state back, and wait for its expiry; the clock must be back already."""
        self._period = snapshot["period"]
        self._frequency_hz = snapshot["frequency_hz"]
        self._left = snapshot["left"]
        self._is_held = snapshot["is_held"]
        self._expiry, self._outlook = snapshot["expiry"], None
        self.periodic = snapshot["periodic"]
        self._deadline.restore(snapshot["deadline"])

    @property
    def _repeats(self) -> bool:
        return self.periodic and self._period > 0

    def _schedule(self) -> None:
        self._outlook = None
        if self._expiry is None:
            self._deadline.cancel()
        else:
            self._deadline.schedule_at(-(-self._expiry // self._frequency_hz))
