"""Chooses faults by what code they lead to, and keeps each kind of failure once, with the fewest faults."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from emu.regress.explore.branches import Branches
from emu.regress.explore.faults import KINDS, Fault
from emu.regress.powercut.outcome import Outcome, Verdict

MOST_FAULTS: Final = 4
_NUMBERS: Final = re.compile(r"0x[0-9a-f]+|\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Finding:
    """A failure and the shortest list of faults that shows it."""

    outcome: Outcome
    faults: tuple[Fault, ...]
    executions: int
    """After how many it was found."""

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        faults = [str(fault) for fault in self.faults]
        return {**self.outcome.to_dict(), "faults": faults, "executions": self.executions}


@dataclass(slots=True)
class State:
    """How far it has come."""

    executions: int = 0
    places: int = 0
    """Pieces of code that were executed at all."""
    findings: list[Finding] = field(default_factory=list)
    begin_s: float = field(default_factory=time.monotonic)

    @property
    def per_second(self) -> float:
        """Executions a second."""
        return self.executions / max(time.monotonic() - self.begin_s, 1e-9)


class _Places:
    """Hears of code that is executed for the first time: see `emu.engine.coverage.CoverageSink`."""

    def __init__(self) -> None:
        self.count = 0

    def executed(self, address: int, code: bytes) -> None:
        """See there."""
        self.count += 1

    def branched(self, address: int, code: bytes, *, is_taken: bool) -> None:
        """See there."""
        self.count += 1


class Explorer:
    """All that it does depends on the seed, and on nothing else."""

    def __init__(self, branches: Branches, seed: int = 0, kinds: Sequence[str] = tuple(KINDS)) -> None:
        self.state = State()
        self.coverage: list[tuple[int, int]] = []
        """After how many executions there were how many pieces of code and branches."""
        self._branches = branches
        self._draw = random.Random(seed)
        self._kinds = list(kinds)
        self._corpus: list[tuple[Fault, ...]] = [()]
        self._signatures: set[str] = set()
        self._places = _Places()
        branches.machine.board.core.engine.tell_coverage(self._places)
        branches.run(())

    def explore(self, goes_on: Callable[[State], bool]) -> Iterator[Finding]:
        """Give each new finding, as long as it is to go on."""
        while goes_on(self.state):
            faults = self._mutated(self._draw.choice(self._corpus[-64:]))
            before = self._places.count
            outcome = self._run(faults)
            if self._places.count > before:
                self._corpus.append(faults)
                self.state.places = self._places.count
                self.coverage.append((self.state.executions, self._places.count))
            if (
                outcome.verdict is not Verdict.GOOD
                and (signature := _signature(outcome)) not in self._signatures
            ):
                self._signatures.add(signature)
                finding = self._shortest(faults, outcome)
                self.state.findings.append(finding)
                yield finding

    def _run(self, faults: Sequence[Fault]) -> Outcome:
        self.state.executions += 1
        return self._branches.run(faults)

    def _mutated(self, faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
        """With one more, one less, or one at another time."""
        draw, changed = self._draw, list(faults)
        if changed and (len(changed) >= MOST_FAULTS or draw.random() < 0.4):
            number = draw.randrange(len(changed))
            fault = changed.pop(number)
            if draw.random() < 0.7:
                changed.append(fault._replace(time_ns=self._near(fault.time_ns)))
        if not changed or draw.random() < 0.6:
            kind = draw.choice(self._kinds)
            arguments = KINDS[kind].draw(draw, self._branches.known)
            changed.append(Fault(self._moment(), kind, arguments))
        return tuple(sorted(changed[:MOST_FAULTS], key=lambda fault: fault.time_ns))

    def _moment(self) -> int:
        """Anywhere, or soon after something has come in: then the firmware is at it."""
        inputs = self._branches.inputs
        if inputs and self._draw.random() < 0.6:
            return self._near(self._draw.choice(inputs).now_ns)
        return self._draw.randrange(self._branches.end_ns)

    def _near(self, time_ns: int) -> int:
        width = self._draw.choice((100_000, 1_000_000, 10_000_000))
        return min(max(time_ns + self._draw.randrange(width), 0), self._branches.end_ns - 1)

    def _shortest(self, faults: tuple[Fault, ...], outcome: Outcome) -> Finding:
        """Without the faults that it does not take."""
        found_after = self.state.executions
        for fault in faults:
            fewer = tuple(each for each in faults if each is not fault)
            if fewer and _signature(again := self._run(fewer)) == _signature(outcome):
                faults, outcome = fewer, again
        return Finding(outcome, faults, found_after)


def _signature(outcome: Outcome) -> str:
    """Equal for failures of the same kind: numbers in texts differ each time."""
    return f"{outcome.verdict} {_NUMBERS.sub('#', outcome.detail)[:120]}"
