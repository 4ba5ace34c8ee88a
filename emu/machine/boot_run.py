"""Boot code under way: modelled code that stops where the run does, and can be brought back to there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from greenlet import getcurrent, greenlet

from emu.clock import VirtualClock

Result = TypeVar("Result")
Answer = TypeVar("Answer")


class BootRun(Generic[Result]):
    """Runs boot code up to a time, and on from there.

    The code is a plain function that asks the chip through `ask` only. It runs in a coroutine, which nobody
    can copy; but its answers are kept. A snapshot holds them, and behind a restore they are given again,
    until the code is where it was. Nothing happens twice: asking is what has effects.
    """

    def __init__(self, clock: VirtualClock, is_stop_wanted: Callable[[], bool] = lambda: False) -> None:
        self.answers: list[Any] = []
        self._clock = clock
        self._is_stop_wanted = is_stop_wanted
        self._until_ns: int | None = None
        self._coroutine: greenlet | None = None
        self._thread = 0  # coroutines do not move between threads
        self._answered = 0

    def begin(self, answers: list[Any] | None = None) -> None:
        """The next code to run is another one, or is where it was given these answers."""
        self.answers = list(answers or ())
        self._coroutine = None

    def go_on(self, code: Callable[[], Result], until_ns: int | None) -> Result | None:
        """Run the code to its end, which is returned, or to the time, or until a stop is wanted: None."""
        if self._coroutine is None or self._thread != threading.get_ident():
            self._coroutine, self._thread, self._answered = greenlet(code), threading.get_ident(), 0
        self._until_ns = until_ns
        self._coroutine.parent = getcurrent()
        result: Result | None = self._coroutine.switch()
        return result

    def ask(self, chip: Callable[[], Answer]) -> Answer:
        """Have the chip do something, and give its answer."""
        if self._answered == len(self.answers):
            self.answers.append(chip())
        self._answered += 1
        answer: Answer = self.answers[self._answered - 1]
        return answer

    def wait_until(self, time_ns: int) -> None:
        """Let time pass."""
        while self._clock.now_ns < time_ns:
            self.wait_for_event(time_ns)

    def wait_for_event(self, at_most_ns: int) -> None:
        """Let time pass to the next event of the hardware, at most to that time."""
        clock, is_there = self._clock, False
        while not is_there:
            self._pause()
            event_ns, alarm_ns = clock.next_event_ns, clock.next_alarm_ns
            goal_ns = at_most_ns if event_ns is None else min(at_most_ns, event_ns)
            steps = (time_ns for time_ns in (goal_ns, alarm_ns, self._until_ns) if time_ns is not None)
            clock.pass_until(min(steps))
            is_there = clock.now_ns >= goal_ns

    def _pause(self) -> None:
        """Stay here until more time may pass."""
        while self._is_stop_wanted() or (self._until_ns is not None and self._clock.now_ns >= self._until_ns):
            if (runner := self._runner()) is None:
                return  # nobody runs it piece by piece
            runner.switch(None)

    def _runner(self) -> greenlet | None:
        """Who runs the code. (A coroutine that knew itself while it waits would never be given back.)"""
        current = getcurrent()
        return current.parent if current is self._coroutine else None
