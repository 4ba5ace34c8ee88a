"""Lets a machine run while the steps of a script are taken at their moments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from emu.cli.scenario import Delay, PowerCut, PowerCycle, Reset, Step, WaitSerial, WriteSerial
from emu.cli.text_watch import TextFeed
from emu.host.loop import Runnable
from emu.machine import Machine, RunEnd, RunResult
from peripherals.framework.reset import ResetCause


class ScriptRunner:
    """A `Runnable` around another one."""

    def __init__(self, machine: Machine, inner: Runnable, steps: Sequence[Step], *, ends: bool) -> None:
        """`ends`: whether the end of the script is that of the run."""
        self.is_over = not steps
        """Whether all steps have been taken."""
        self._machine = machine
        self._inner = inner
        self._left = list(steps)
        self._ends = ends
        self._delay_end_ns: int | None = None
        self._feed: TextFeed | None = None
        self._has_come = False
        self.is_decided: Callable[[], bool] = lambda: False
        """Whether somebody else has stopped the run for good."""
        for number, port in enumerate(machine.uarts):
            port.listeners.append(partial(self._received, number))

    @property
    def now_ns(self) -> int:
        """Virtual nanoseconds since power-on."""
        return self._inner.now_ns

    @property
    def has_ended_run(self) -> bool:
        """Whether the end of the script was that of the run."""
        return self.is_over and self._ends

    @property
    def waits_for(self) -> str:
        """What it waits for, if that is a text."""
        step = self._left[0] if self._left else None
        return str(step.pattern) if isinstance(step, WaitSerial) else ""

    def run(self, max_time_ns: int | None) -> RunResult:
        """Run on, and take the steps whose moments come."""
        end_ns = None if max_time_ns is None else self.now_ns + max_time_ns
        while True:
            self._take_steps()
            times = [time_ns for time_ns in (end_ns, self._delay_end_ns) if time_ns is not None]
            left_ns = max(0, min(times) - self.now_ns) if times else None
            if self.has_ended_run:
                left_ns = 0
            result = self._inner.run(left_ns)
            if not self._goes_on(result, end_ns):
                return result

    def _goes_on(self, result: RunResult, end_ns: int | None) -> bool:
        if result.end is RunEnd.POWER_CUT and not self.is_over:
            self._machine.power_cycle()
            return True
        if self.is_over or self.is_decided():
            return False
        if result.end is RunEnd.STOPPED:
            return self._has_come
        is_up = end_ns is not None and self.now_ns >= end_ns
        return result.end is RunEnd.TIME_UP and self._delay_end_ns is not None and not is_up

    def _take_steps(self) -> None:
        while self._left and self._is_due(self._left[0]):
            step = self._left.pop(0)
            self._feed, self._has_come, self._delay_end_ns = None, False, None
            match step:
                case WriteSerial():
                    self._machine.uarts[step.uart].write(step.data)
                case PowerCycle():
                    self._machine.power_cycle()
                case PowerCut():
                    self._machine.cut_power_at_flash_operation(step.operation)
                case Reset():
                    self._machine.reset(ResetCause.POWER_ON)
        self.is_over = not self._left

    def _is_due(self, step: Step) -> bool:
        match step:
            case WaitSerial():
                if self._feed is None:
                    self._feed = TextFeed([step.pattern])
                return self._has_come
            case Delay():
                if self._delay_end_ns is None:
                    self._delay_end_ns = self.now_ns + step.duration_ns
                return self.now_ns >= self._delay_end_ns
        return True

    def _received(self, uart: int, _time_ns: int, byte: int) -> None:
        step = self._left[0] if self._left else None
        if self._feed is None or not isinstance(step, WaitSerial) or step.pattern.uart != uart:
            return
        if step.pattern.is_in(self._feed.feed(bytes((byte,)))) and not self._has_come:
            self._has_come = True
            self._machine.stop()
