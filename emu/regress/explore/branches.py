"""A story that can be gone through again from any of its moments, with faults on the way."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from emu.history.snapshot import Snapshot
from emu.machine import Machine, MachineError
from emu.machine.inputs import Input
from emu.regress.explore.fault import Fault, Known
from emu.regress.explore.frames import hear, kinds_of
from emu.regress.explore.images import check_place
from emu.regress.explore.kinds import KINDS
from emu.regress.explore.verdicts import Watch
from emu.regress.explore.words import words_of
from emu.regress.powercut.outcome import Outcome
from emu.regress.scenario import Scenario
from emu.soc.irq import Irq
from peripherals.flash_operation import FlashOperation, Phase
from peripherals.vic import FIRST_VECTOR

MOMENTS: Final = 200
"""So many snapshots are taken on the way."""
_TALKS: Final = "uart"


class _Moment(NamedTuple):
    snapshot: Snapshot
    inputs: int
    """How many have come until then."""


class Branches:
    """Goes through the story once; MachineError if that fails."""

    def __init__(self, scenario: Scenario, uarts: Sequence[int] = (), image: bytes | None = None) -> None:
        """`uarts`: where inputs come in; none: where the story talks. `image`: what is to be installed."""
        self.scenario = scenario
        self.known = _told(scenario, uarts, image)
        self.machine = scenario.load()
        self._moments = [_Moment(self.machine.snapshot(), 0)]
        self._take_moments()
        self._times = [each.snapshot.now_ns for each in self._moments]

    def run(self, faults: Sequence[Fault]) -> Outcome:
        """Go through it with faults, in the order of their times, from the last snapshot before the first."""
        first_ns = faults[0].time_ns if faults else self.known.end_ns
        moment = self._moments[bisect_right(self._times, first_ns) - 1]
        self.machine.restore(moment.snapshot)
        return self._go_on(self.machine, moment.inputs, faults)

    def record(self, faults: Sequence[Fault], path: Path) -> Outcome:
        """The same from power-on, with a recording of all of it."""
        with self.scenario.load() as machine:
            machine.record()
            outcome = self._go_on(machine, 0, faults)
            machine.save_recording(path)
        return outcome

    def _take_moments(self) -> None:
        """Go the way again, by its inputs, and keep snapshots."""
        step_ns = max(self.known.end_ns // MOMENTS, 1)
        events = [(each.now_ns, number) for number, each in enumerate(self.known.inputs)]
        stops = [(number * step_ns, -1) for number in range(1, MOMENTS)] + [(self.known.end_ns, -1)]
        watch = Watch(self.machine)
        come = 0
        for time_ns, number in sorted([*events, *stops]):
            watch.run_to(time_ns)
            if number >= 0:
                self.machine._inputs.come_again(self.known.inputs[number])
                come += 1
            else:
                self._moments.append(_Moment(self.machine.snapshot(), come))

    def _go_on(self, machine: Machine, come: int, faults: Sequence[Fault]) -> Outcome:
        """From a moment when so many inputs have come."""
        replaced = {fault.replaces for fault in faults}
        ahead = enumerate(self.known.inputs[come:], come)
        events: list[tuple[int, Input | Fault]] = [
            (each.now_ns, each) for number, each in ahead if number not in replaced
        ]
        events += [(each.time_ns, each) for each in faults]
        events.sort(key=lambda each: each[0])
        watch = Watch(machine)

        def go_on() -> None:
            for time_ns, event in events:
                watch.run_to(time_ns)
                if isinstance(event, Fault):
                    KINDS[event.kind].apply(machine, self.known, *event.arguments)
                else:
                    machine._inputs.come_again(event)
            watch.run_to(self.known.end_ns)
            self._look_at(machine)

        return watch.outcome_of(go_on, self.scenario.name)

    def _look_at(self, machine: Machine) -> None:
        """What was said in the story is read: nobody has waited for it here."""
        for port in machine.uarts:
            port.skip_received()
        if self.scenario.alive is not None:
            self.scenario.alive(machine)
        else:
            machine.power_cycle()
            self.scenario.check(machine)


def _told(scenario: Scenario, uarts: Sequence[int], image: bytes | None) -> Known:
    """Have the story told as it is: what has come in, what it has done, and when it was over."""
    written: dict[int, list[int]] = {}
    vectors: dict[int, None] = {}

    def note(operation: FlashOperation) -> None:
        if operation.phase is Phase.AFTER:
            written.setdefault(operation.offset, []).append(machine.now_ns)

    with scenario.load() as machine:
        machine.flash.observers.append(note)
        machine.board.core.entry_observers.append(lambda event: vectors.setdefault(event.vector))
        heard = hear(machine)
        machine.record()
        try:
            scenario.story(machine)
            inputs, end_ns = machine._inputs.recorded, machine.now_ns
            if scenario.alive is not None:
                scenario.alive(machine)
        except AssertionError as error:
            raise MachineError(f"{scenario.name}: fails without any fault: {error}") from None
        contents = bytes(machine.flash.contents)
        if image is not None and scenario.install is None:
            check_place(image, len(contents))
        has_networks = machine.has_wifi
    doors = (each.door.removeprefix(_TALKS) for each in inputs)
    talks = sorted({int(number) for number in doors if number.isdecimal()}) or [0]
    moments = {one.now_ns for one in inputs}.union(*written.values())
    return Known(
        end_ns,
        inputs,
        uarts=tuple(uarts) or talks,
        words=words_of(contents),
        written=list(written),
        moments=sorted(time_ns for time_ns in moments if time_ns < end_ns),
        interrupts=[Irq(vector - FIRST_VECTOR).name for vector in sorted(vectors) if vector >= FIRST_VECTOR],
        frames=kinds_of([one for one in heard if one.time_ns < end_ns]),
        has_networks=has_networks,
        image=image,
        install=scenario.install,
    )
