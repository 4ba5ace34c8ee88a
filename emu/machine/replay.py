"""Runs a recording again, and says whether it is the same run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

from emu.history.state_file import FileKind, read_tree
from emu.machine.assembly import choose
from emu.machine.errors import MachineError
from emu.machine.machine import Machine
from emu.machine.recorder import Mark
from emu.machine.recording import Recording, recording_of
from emu.machine.run_control import RunLimits
from emu.machine.saved_machine import OF_THE_ENGINE, UNFIT, machine_at, unfit
from emu.machine.setup import OF_THE_STORY
from emu.options import MachineOptions
from emu.report.crash import CrashReport


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """How a replay has ended."""

    time_ns: int
    inputs: int
    """How many have come."""
    last_same_ns: int = 0
    """The time of the last hash that was the same; the beginning, if none was."""
    difference: str = ""
    """What was found first; empty if the state at the end is that of the recording."""

    def __str__(self) -> str:
        if not self.difference:
            return f"replayed {self.inputs} inputs to {self.time_ns / 1e9:.6f} s: the state is the same"
        return f"not the same from some time after {self.last_same_ns / 1e9:.6f} s on: {self.difference}"


class Replay:
    """A recording, and the machine that it runs on, ready to begin."""

    def __init__(self, machine: Machine, recording: Recording) -> None:
        self.machine = machine
        self.recording = recording
        self.crash: CrashReport | None = None
        """The latest that a run has ended with."""
        machine._recorder.start(recording.hash_every_ns, recording.inputs)

    @classmethod
    def load(cls, path: str | Path, **options: Unpack[MachineOptions]) -> Replay:
        """Build the machine of a recording; options are `engine`, `cache`, `recent_branches`, `skip_polls`.

        LoadError tells in one line what is wrong with the file.
        """
        for name in options:
            if name not in OF_THE_ENGINE and name in MachineOptions.__annotations__:
                raise MachineError(f"{name}: the recording has its own: leave it out")
        return cls.of(read_tree(Path(path), FileKind.RECORDING), Path(path), options)

    @classmethod
    def of(cls, tree: Any, path: Path, options: MachineOptions) -> Replay:
        """The replay of a recording that is a part of another file, as plain data."""
        try:
            recording = recording_of(tree)
            story: Any = {name: recording.made_from["options"][name] for name in OF_THE_STORY}
            chosen: Any = {**choose(options), **story}
            machine = machine_at(recording.made_from, recording.beginning, chosen, Machine._made_of)
            return cls(machine, recording)
        except UNFIT as error:
            raise unfit(path, error) from None

    def run(self) -> ReplayResult:
        """Run to the end of the recording, or to the first difference."""
        difference, now_ns = "", -1
        try:
            while not difference and not self._is_over and self.machine.now_ns != now_ns:
                now_ns = self.machine.now_ns
                result = self.machine._control.run(self._limits())
                difference = self._differing_mark()
                if result.crash is not None:
                    self.crash = result.crash
            if not difference:
                self.machine._inputs.let_in()  # what came at the very end
        except MachineError as error:
            difference = str(error)
        difference = difference or self._differing_end()
        same = [mark.now_ns for mark, _ in self._marks() if mark in self.recording.marks]
        last_same_ns = max(same, default=self.recording.beginning.now_ns)
        return ReplayResult(self.machine.now_ns, self.machine._inputs.position, last_same_ns, difference)

    def run_until(self, executed: int) -> None:
        """Run to exactly so many instructions; MachineError where the run goes no further."""
        while (before := self.machine.executed) < executed:
            result = self.machine._control.run(RunLimits(None, executed))
            if self.machine.executed == before:
                raise MachineError(f"the recording goes no further: {result}")

    def take_over(self, other: Replay) -> None:
        """Be where another replay of the same recording is, perhaps on another engine."""
        known = self.recording.inputs[other.machine._inputs.position :]
        self.machine.restore(other.machine.snapshot())
        self.machine._recorder.start(self.recording.hash_every_ns, known)

    @property
    def _is_over(self) -> bool:
        end = self.recording.end
        return (self.machine.now_ns, self.machine.executed) >= (end.now_ns, end.executed)

    def _limits(self) -> RunLimits:
        end = self.recording.end
        return RunLimits(end.now_ns, None if self.recording.ends_at_check_point else end.executed)

    def _marks(self) -> Iterator[tuple[Mark, Mark]]:
        return zip(self.machine._recorder.marks, self.recording.marks, strict=False)

    def _differing_mark(self) -> str:
        return next((_difference(here, there) for here, there in self._marks() if here != there), "")

    def _differing_end(self) -> str:
        here, there = self.machine._recorder.mark(), self.recording.end
        return "" if here == there else _difference(here, there)


def _difference(here: Mark, there: Mark) -> str:
    if here[:2] == there[:2]:
        return f"another state at {there.now_ns / 1e9:.6f} s, instruction {there.executed:,}"
    places = [f"{one.now_ns / 1e9:.9f} s, instruction {one.executed:,}" for one in (there, here)]
    return f"the recording is at {places[0]}, the replay at {places[1]}"
