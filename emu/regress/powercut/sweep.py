"""All cuts of a story, one after the other, in several processes, or on a cluster."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final, Protocol

from emu.loader.checksum import crc32
from emu.loader.image import HEADER_SIZE, MAGIC, ImageHeader
from emu.machine import MachineError
from emu.regress.powercut.cluster import do_on_cluster
from emu.regress.powercut.device import Device
from emu.regress.powercut.options import SweepOptions
from emu.regress.powercut.outcome import Outcome, Verdict
from emu.regress.powercut.processes import do_in_processes
from emu.regress.powercut.report import Entry, SweepReport, entry_of
from emu.regress.powercut.story import FlashState
from emu.regress.powercut.task import Done, Task, entries_of

TASK_CUTS: Final = 24
"""So many neighbours go to one process: most come to states that one of them has been in."""
SECOND_CUTS: Final = 8
"""So many cuts of a device's recovery are made together: its flash operations have to be found out first."""


Progress = Callable[[int, int, int], None]
"""Hears how many cuts are done, of how many, and how many are bad."""


class Remembered(Protocol):
    """Keeps outcomes by what cuts have left."""

    def outcome(self, state: str) -> Outcome | None:
        """That of an earlier sweep of the same story."""
        ...

    def keep(self, entries: Iterable[Entry]) -> None:
        """Keep more."""


class Sweep:
    """Prepares a sweep: the story is told once to find its operations."""

    def __init__(self, device: Device, options: SweepOptions) -> None:
        self.device, self.options = device, options
        self.places = [one.place for one in device.operations]
        self._lefts = {str(left.cut): left for left in device.lefts()}
        self._states = {cut: device.digest(left).hex() for cut, left in self._lefts.items()}

    @property
    def key(self) -> str:
        """Equal for sweeps of the same story, whose outcomes are the same."""
        from hashlib import blake2b

        told = [self.device.scenario.name, *self._states.items(), self.device.options.seed]
        source = self.device.scenario.source
        text = source.read_bytes() if source is not None else b""
        return blake2b(repr(told).encode() + text, digest_size=16).hexdigest()

    def run(
        self,
        remembered: Remembered,
        progress: Callable[[int, int, int], None] = lambda done, total, bad: None,
    ) -> SweepReport:
        """Make all cuts."""
        scenario, count = self.device.scenario, len(self._lefts)
        report = SweepReport(scenario.name, self.places, total=count, source=scenario.source)
        begin = time.process_time()
        outcomes, left_over = self._remembered(remembered)
        tasks = self._tasks(left_over)
        total = sum(len(task.cuts) or task.second_cuts for task in tasks)
        second: list[Entry] = []
        done = bad = 0
        cpu_s = 0.0
        for entries, spent_s in self._work(tasks):
            self._check(entries)
            remembered.keep(entries)
            for entry in entries:
                outcomes.setdefault(entry.state, entry.outcome)
                second += [entry] if entry.is_second else []
                bad += entry.outcome.verdict is not Verdict.GOOD
            done, cpu_s = done + len(entries), cpu_s + spent_s
            progress(done, total, bad)
        report.entries.extend([*self._entries(outcomes), *second])
        return replace(report, cpu_s=time.process_time() - begin + cpu_s)

    def _check(self, entries: list[Entry]) -> None:
        """MachineError if a cut has left something else elsewhere."""
        for entry in entries:
            if not entry.is_second and entry.state != self._states[entry.cut]:
                why = "is it the same version of w800emu, with the same firmware?"
                raise MachineError(f"{entry.cut} leaves another flash there than here: {why}")

    def _remembered(self, remembered: Remembered) -> tuple[dict[str, Outcome], list[str]]:
        """The outcomes that are known, and one cut for each state that is not."""
        outcomes: dict[str, Outcome] = {}
        left_over: dict[str, str] = {}
        for cut, state in self._states.items():
            if state in outcomes or state in left_over:
                continue
            known = remembered.outcome(state)
            if known is None:
                left_over[state] = cut
            else:
                outcomes[state] = known
        number, count = self.options.shard
        cuts = list(left_over.values())
        begin, end = (len(cuts) * each // count for each in (number - 1, number))
        return outcomes, cuts[begin:end]

    def _tasks(self, cuts: list[str]) -> list[Task]:
        rows = [Task(tuple(cuts[at : at + TASK_CUTS])) for at in range(0, len(cuts), TASK_CUTS)]
        number, count = self.options.shard
        wanted = self.options.second_cuts // count
        draw = random.Random(f"{self.device.options.seed} shard {number}")
        firsts = list(self._lefts)
        for at in range(0, wanted, SECOND_CUTS):
            rows.append(Task((draw.choice(firsts),), min(SECOND_CUTS, wanted - at)))
        return rows

    def _work(self, tasks: list[Task]) -> Iterator[Done]:
        source, cuts = self.device.scenario.source, self.device.options
        if self.options.cluster:
            yield from do_on_cluster(self.options.cluster, source, cuts, tasks)
        elif self.options.jobs > 1:
            yield from do_in_processes(source, cuts, self.options.jobs, tasks)
        else:
            yield from (Done(entries_of(self.device, task), 0.0) for task in tasks)

    def _entries(self, outcomes: dict[str, Outcome]) -> Iterator[Entry]:
        """Those of the story's own cuts, in their order."""
        seen: set[str] = set()
        for cut, left in self._lefts.items():
            state = self._states[cut]
            if (outcome := outcomes.get(state)) is None:
                continue  # of another shard
            has_update = outcome.verdict is Verdict.BRICK and _has_update(self.device, left.state)
            place = self.places[left.cut.number - 1]
            digest = bytes.fromhex(state)
            yield entry_of(left, place, digest, outcome, is_first=state not in seen, has_update=has_update)
            seen.add(state)


def _has_update(device: Device, state: FlashState) -> bool:
    """Whether app_ota holds a complete image."""
    ota = next((each for each in device.use.partitions if each.name == "app_ota"), None)
    if ota is None:
        return False
    header = ImageHeader.unpack(state.read(ota.offset, HEADER_SIZE))
    if header.magic != MAGIC or header.header_crc != header.computed_crc or header.body_size > ota.size_bytes:
        return False
    return crc32(state.read(ota.offset + HEADER_SIZE, header.body_size)) == header.body_crc
