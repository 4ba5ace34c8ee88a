"""A story that can be gone through again from any of its moments, with faults on the way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from emu.history.snapshot import Snapshot
from emu.machine import CrashReport, ExpectationError, Machine, MachineError, RunEnd
from emu.machine.inputs import Input
from emu.regress.explore.faults import KINDS, Fault, Known, words_of
from emu.regress.powercut.outcome import Outcome, Verdict
from emu.regress.scenario import Scenario
from peripherals.flash_operation import FlashOperation, Phase

MOMENTS: Final = 200
"""So many snapshots are taken on the way."""
_TALKS: Final = "uart"


class _Moment(NamedTuple):
    snapshot: Snapshot
    inputs: int
    """How many have come until then."""


class Branches:
    """Goes through the story once; MachineError if that fails."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        written: list[int] = []
        self.inputs, self.end_ns = self._tell(written)
        self.machine = scenario.load()
        self._moments = [_Moment(self.machine.snapshot(), 0)]
        self._take_moments()
        doors = (each.door.removeprefix(_TALKS) for each in self.inputs)
        uarts = {int(number) for number in doors if number.isdecimal()}
        contents = bytes(self.machine.flash.contents)
        sent = [
            each.arguments[0] for each in self.inputs if each.door.startswith(_TALKS) and each.arguments[0]
        ]
        self.known = Known(sorted(uarts) or [0], words_of(contents), sent, written or [0])

    def run(self, faults: Sequence[Fault]) -> Outcome:
        """Go through it with faults, in the order of their times, from the last snapshot before the first."""
        first_ns = faults[0].time_ns if faults else self.end_ns
        moment = max((each for each in self._moments if each.snapshot.now_ns <= first_ns), key=_time)
        self.machine.restore(moment.snapshot)
        return self._go_on(self.machine, self.inputs[moment.inputs :], faults)

    def record(self, faults: Sequence[Fault], path: Path) -> Outcome:
        """The same from power-on, with a recording of all of it."""
        with self.scenario.load() as machine:
            machine.record()
            outcome = self._go_on(machine, self.inputs, faults)
            machine.save_recording(path)
        return outcome

    def _tell(self, written: list[int]) -> tuple[list[Input], int]:
        """Have the story told as it is: what has come in, and when it was over."""

        def note(operation: FlashOperation) -> None:
            if operation.phase is Phase.AFTER and operation.offset not in written:
                written.append(operation.offset)

        with self.scenario.load() as machine:
            machine.flash.observers.append(note)
            machine.record()
            try:
                self.scenario.story(machine)
                inputs, end_ns = machine._inputs.recorded, machine.now_ns
                if self.scenario.alive is not None:
                    self.scenario.alive(machine)
            except AssertionError as error:
                raise MachineError(f"{self.scenario.name}: fails without any fault: {error}") from None
        return inputs, end_ns

    def _take_moments(self) -> None:
        """Go the way again, by its inputs, and keep snapshots."""
        step_ns = max(self.end_ns // MOMENTS, 1)
        events = [(each.now_ns, number) for number, each in enumerate(self.inputs)]
        stops = [(number * step_ns, -1) for number in range(1, MOMENTS)]
        come = 0
        for time_ns, number in sorted([*events, *stops]):
            _run_to(self.machine, time_ns)
            if number >= 0:
                _let_in(self.machine, self.inputs[number])
                come += 1
            else:
                self._moments.append(_Moment(self.machine.snapshot(), come))

    def _go_on(self, machine: Machine, inputs: Sequence[Input], faults: Sequence[Fault]) -> Outcome:
        events: list[tuple[int, Input | Fault]] = [(each.now_ns, each) for each in inputs]
        events += [(each.time_ns, each) for each in faults]
        crashes: list[CrashReport] = []
        hear = crashes.append
        machine.on_crash(hear)
        try:
            for time_ns, event in sorted(events, key=lambda each: each[0]):
                _run_to(machine, time_ns)
                if isinstance(event, Fault):
                    KINDS[event.kind].apply(machine, *event.arguments)
                else:
                    _let_in(machine, event)
            _run_to(machine, self.end_ns)
            if self.scenario.alive is not None:
                self.scenario.alive(machine)
        except _BadEnd as end:
            return end.outcome
        except (AssertionError, MachineError) as error:
            return _crashed(machine, crashes[0]) if crashes else _failed(machine, error)
        finally:
            machine._crashes.observers.remove(hear)
        return Outcome(Verdict.GOOD)


def _let_in(machine: Machine, one: Input) -> None:
    """Have something come in through its door, as it has come before."""
    machine._inputs.come_again(one)


def _run_to(machine: Machine, time_ns: int) -> None:
    """_BadEnd where the run ends for good before."""
    while (left_ns := time_ns - machine.now_ns) > 0:
        result = machine.run(left_ns)
        if result.end is RunEnd.CRASH and result.crash is not None:
            raise _BadEnd(_crashed(machine, result.crash))
        if result.end is RunEnd.DOWNLOAD:
            raise _BadEnd(Outcome(Verdict.BRICK, machine.refusal or "", machine.uart0.text))
        last = machine.last_reset
        if last is not None and last.is_boot_loop:
            raise _BadEnd(Outcome(Verdict.RESET_LOOP, str(last), machine.uart0.text))


def _crashed(machine: Machine, crash: CrashReport) -> Outcome:
    """Where it is; jumps into nothing land anywhere."""
    where = crash.location or "an address without a name"
    return Outcome(Verdict.CRASH, f"{crash.kind.value} at {where}", machine.uart0.text)


def _failed(machine: Machine, error: Exception) -> Outcome:
    """What an `alive` that has failed says."""
    text = str(error).partition("\n")[0]
    if machine.refusal is not None:
        return Outcome(Verdict.BRICK, machine.refusal, machine.uart0.text)
    verdict = Verdict.HANG if isinstance(error, ExpectationError) else Verdict.BROKEN
    return Outcome(verdict, text, machine.uart0.text)


class _BadEnd(Exception):  # noqa: N818 - an event, not a mistake
    """The run has ended before its time."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome


def _time(moment: _Moment) -> int:
    return moment.snapshot.now_ns
