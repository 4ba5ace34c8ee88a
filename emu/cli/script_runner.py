"""Lets a machine run while the steps of a script are taken at their moments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from emu.cli.text_watch import TextFeed
from emu.host.board_steps import BoardStep
from emu.host.loop import Runnable
from emu.host.script_steps import At, Delay, PowerCut, PowerCycle, Reset, Step, WaitSerial, WriteSerial
from emu.host.wifi_steps import WifiStep
from emu.loader import LoadError
from emu.machine import Machine, MachineError, RunEnd, RunResult
from emu.parts.errors import PartError
from emu.soc.pins import PinError
from peripherals.framework.reset import ResetCause


class Script:
    """Steps that are taken in order, each when its moment has come."""

    def __init__(self, machine: Machine, steps: Sequence[Step]) -> None:
        self.is_over = not steps
        """Whether all steps have been taken."""
        self.has_come = False
        """Whether the text that it waits for has come."""
        self.delay_end_ns: int | None = None
        """Until when it waits, if it does for a time."""
        self.failure = ""
        """What was not as a step expects, which is the end of the script."""
        self._machine = machine
        self._left = list(steps)
        self._feed: TextFeed | None = None
        for uart in {step.uart for step in steps if isinstance(step, WaitSerial)}:
            machine.uarts[uart].listeners.append(partial(self._received, uart))

    @property
    def waits_for(self) -> str:
        """What it waits for, if that is a text."""
        step = self._left[0] if self._left else None
        return str(step.pattern) if isinstance(step, WaitSerial) else ""

    @property
    def owed(self) -> str:
        """The first step that must be taken before the run ends, and has not been."""
        return next(
            (each.place for each in self._left if isinstance(each, BoardStep) and each.makes_file), ""
        )

    def take_steps(self, now_ns: int) -> None:
        """Take those whose moments have come."""
        while self._left and self._is_due(self._left[0], now_ns):
            step = self._left.pop(0)
            self._feed, self.has_come, self.delay_end_ns = None, False, None
            match step:
                case WriteSerial():
                    self._machine.uarts[step.uart].write(step.data)
                case PowerCycle():
                    self._machine.power_cycle()
                case PowerCut():
                    self._machine.cut_power_at_flash_operation(step.operation)
                case Reset():
                    self._machine.reset(ResetCause.POWER_ON)
                case BoardStep() | WifiStep():
                    self._take(step)
        self.is_over = not self._left

    def _is_due(self, step: Step, now_ns: int) -> bool:
        match step:
            case WaitSerial():
                if self._feed is None:
                    self._feed = TextFeed([step.pattern])
                return self.has_come
            case Delay():
                if self.delay_end_ns is None:
                    self.delay_end_ns = now_ns + step.duration_ns
                return now_ns >= self.delay_end_ns
            case At():
                self.delay_end_ns = step.time_ns
                return now_ns >= step.time_ns
        return True

    def _take(self, step: BoardStep | WifiStep) -> None:
        try:
            step.take(self._machine)
        except (AssertionError, LoadError, MachineError, PartError) as error:
            self.failure = f"{step.place}: {error}"
            self._left.clear()

    def _received(self, uart: int, _time_ns: int, byte: int) -> None:
        step = self._left[0] if self._left else None
        if self._feed is None or not isinstance(step, WaitSerial) or step.uart != uart:
            return
        if step.pattern.is_in(self._feed.feed(bytes((byte,)))) and not self.has_come:
            self.has_come = True
            self._machine.stop()


class ScriptRunner:
    """A `Runnable` around another one."""

    def __init__(
        self, machine: Machine, inner: Runnable, scripts: Sequence[Sequence[Step]], *, ends: bool
    ) -> None:
        """`scripts` go on beside each other; `ends`: whether the end of the first is that of the run.

        MachineError for a step that this machine has no part or pin for.
        """
        for step in (step for steps in scripts for step in steps):
            if isinstance(step, BoardStep | WifiStep):
                _check(step, machine)
        self._machine = machine
        self._inner = inner
        self._scripts = [Script(machine, steps) for steps in scripts]
        self._ends = ends
        self.is_decided: Callable[[], bool] = lambda: False
        """Whether somebody else has stopped the run for good."""

    @property
    def now_ns(self) -> int:
        """Virtual nanoseconds since power-on."""
        return self._inner.now_ns

    @property
    def has_ended_run(self) -> bool:
        """Whether the end of the script was that of the run."""
        return self._ends and self._scripts[0].is_over

    @property
    def failure(self) -> str:
        """What was not as a step expects."""
        return next((script.failure for script in self._scripts if script.failure), "")

    @property
    def owed(self) -> str:
        """A step that must be taken before the run ends, and has not been, with what it waits for."""
        script = next((script for script in self._scripts if script.owed), None)
        return "" if script is None else f"{script.owed}: {script.waits_for or 'its time'} has not come"

    @property
    def waits_for(self) -> str:
        """What is waited for, if that is a text."""
        return " and ".join(script.waits_for for script in self._scripts if script.waits_for)

    def run(self, max_time_ns: int | None) -> RunResult:
        """Run on, and take the steps whose moments come."""
        end_ns = None if max_time_ns is None else self.now_ns + max_time_ns
        while True:
            for script in self._scripts:
                script.take_steps(self.now_ns)
            delays = [script.delay_end_ns for script in self._scripts]
            times = [time_ns for time_ns in (end_ns, *delays) if time_ns is not None]
            left_ns = max(0, min(times) - self.now_ns) if times else None
            if self.has_ended_run or self.failure:
                left_ns = 0
            result = self._inner.run(left_ns)
            if not self._goes_on(result, end_ns):
                return result

    def _goes_on(self, result: RunResult, end_ns: int | None) -> bool:
        under_way = [script for script in self._scripts if not script.is_over]
        if result.end is RunEnd.POWER_CUT and under_way:
            self._machine.power_cycle()
            return True
        if self.has_ended_run or self.failure or not under_way or self.is_decided():
            return False
        if result.end is RunEnd.STOPPED:
            return any(script.has_come for script in under_way)
        is_up = end_ns is not None and self.now_ns >= end_ns
        is_delay = any(script.delay_end_ns is not None for script in under_way)
        return result.end is RunEnd.TIME_UP and is_delay and not is_up


def _check(step: BoardStep | WifiStep, machine: Machine) -> None:
    try:
        step.check(machine)
    except (LoadError, MachineError, PartError, PinError) as error:
        raise MachineError(f"{step.place}: {error}") from None
