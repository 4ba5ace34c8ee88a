"""How the target goes on: each motion is made in turns, between which the client is listened to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

from emu.gdb.stop import Stopped
from emu.gdb.target import Target
from emu.machine import RunEnd
from emu.machine.backwards import Found, Way

STEPS_A_TURN: Final = 500
"""Single steps that take some ten milliseconds."""
SINGLE_STEPS: Final = 200
"""A range that takes more is run out of: breakpoints at all of its exits cost translations."""


AT_BEGINNING: Final = Stopped(reason="replaylog:begin")
AT_END: Final = Stopped(reason="replaylog:end", note="the recording ends here; it can go on without inputs")


class Motion(Protocol):
    """A way to go on."""

    is_backwards: bool
    """Whether the machine is anywhere while it is under way."""

    def go_on(self, max_time_ns: int) -> Stopped | None:
        """Go on for at most so much virtual time; what gdb is told if the motion has come to its end."""
        ...

    def give_up(self) -> None:
        """Ctrl-C: there will be no more turns."""


class Continue:
    """Until something happens."""

    is_backwards = False

    def __init__(self, target: Target) -> None:
        self._target = target
        target.apply()

    def go_on(self, max_time_ns: int) -> Stopped | None:
        """See `Motion`."""
        result = self._target.control.run(max_time_ns)
        if result.end is not RunEnd.TIME_UP:
            return self._target.why(result)
        self._target.keep_place()
        return AT_END if self._target.control.has_come_to_end() else None

    def give_up(self) -> None:
        """It has stopped already."""


class Step:
    """An instruction, and more as long as they are within a range of addresses, however many.

    If an interrupt comes first, its handler runs to its end, and perhaps other tasks, until the code that was
    interrupted goes on: only then the instruction is executed. Unless the target's `steps_into_interrupts`.
    """

    is_backwards = False

    def __init__(self, target: Target, start: int = 0, end: int = 0, thread: int = 0) -> None:
        """`thread` is the one that executes it, once it runs; 0: that which runs."""
        self._target = target
        self._control = target.control
        self._range = range(start, end)
        if self._range:
            target.apply()
        task = target.threads.task_of(thread) if thread not in (0, target.thread) else 0
        home = self._control.home_of(task) if task else None
        self._home = home or self._control.here()
        self._is_away = home is not None
        self._steps = 0

    def go_on(self, max_time_ns: int) -> Stopped | None:
        """See `Motion`."""
        for _ in range(STEPS_A_TURN):
            if self._is_away:
                result = self._control.run_home(self._home, max_time_ns)
                if result.end is RunEnd.TIME_UP:
                    return None
                if result.end is not RunEnd.STEPPED:
                    return self._target.why(result)
                self._is_away = False
            elif self._steps > SINGLE_STEPS and self._range:
                result = self._control.run_out_of(self._range, self._home.context, max_time_ns)
                if result.end is RunEnd.TIME_UP:
                    return None
                if result.end is not RunEnd.STEPPED or not self._is_in_range():
                    return self._target.why(result)
            self._steps += 1
            self._home = self._control.here()
            result = self._control.step(max_time_ns)
            if result.end is RunEnd.TIME_UP:
                return None
            self._is_away = self._has_been_interrupted()
            is_over = not self._is_away and not self._is_in_range()
            if result.end is not RunEnd.STEPPED or is_over:
                return self._target.why(result)
        return None

    def give_up(self) -> None:
        """It has stopped already."""

    def _is_in_range(self) -> bool:
        return self._target.machine.registers["pc"] in self._range

    def _has_been_interrupted(self) -> bool:
        is_interrupt = self._control.context.is_interrupt_in(self._home.context)
        return is_interrupt and not self._target.steps_into_interrupts


class Back:
    """A way back in the past."""

    is_backwards = True

    def __init__(self, way: Way[Any], stopped: Callable[[Any], Stopped]) -> None:
        """`stopped` makes what gdb is told of what the way has found."""
        self._way = way
        self._stopped = stopped

    def go_on(self, max_time_ns: int) -> Stopped | None:
        """See `Motion`."""
        try:
            next(self._way)
        except StopIteration as end:
            return self._stopped(end.value)
        return None

    def give_up(self) -> None:
        """Be where it began."""
        self._way.close()


def step_back(target: Target) -> Back:
    """An instruction back."""
    way = target.control.step_back(is_plain=target.steps_into_interrupts)
    return Back(way, lambda has_gone: Stopped() if has_gone else AT_BEGINNING)


def run_back(target: Target) -> Back:
    """Back to a breakpoint, or to an access to what is watched."""
    target.apply()

    def stopped(found: Found | None) -> Stopped:
        if found is None:
            return AT_BEGINNING
        return target.at_breakpoint() if found.access is None else target.at_access(found.access)

    return Back(target.control.run_back(), stopped)
