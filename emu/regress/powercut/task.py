"""A unit of a sweep's work, wherever it is done."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import NamedTuple

from emu.regress.powercut.cut import Cut, Left, cuts_of
from emu.regress.powercut.device import Device
from emu.regress.powercut.report import Entry, entry_of
from emu.regress.powercut.story import StoryOperation


@dataclass(frozen=True, slots=True)
class Task:
    """A unit of work: cuts of the story, or one of these with so many second cuts."""

    cuts: tuple[str, ...]
    second_cuts: int = 0


class Done(NamedTuple):
    """What came of a task."""

    entries: list[Entry]
    cpu_s: float
    """What it took in another process."""


def entries_of(device: Device, task: Task) -> list[Entry]:
    """Do a task."""
    if not task.second_cuts:
        lefts = [device.left(Cut.parse(cut)) for cut in task.cuts]
        return [_entry(device, left, device.operations) for left in lefts]
    first = device.left(Cut.parse(task.cuts[0]))
    operations = device.operations_after(first)
    seconds = list(cuts_of(operations, device.options.models, first.cut, device.options.seed))
    chosen = random.Random(f"{device.options.seed} {task}").sample(
        seconds, min(task.second_cuts, len(seconds))
    )
    return [_entry(device, left, operations) for left in chosen]


def _entry(device: Device, left: Left, operations: list[StoryOperation]) -> Entry:
    place = operations[left.cut.number - 1].place
    return entry_of(left, place, device.digest(left), device.outcome_of(left))
