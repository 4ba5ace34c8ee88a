"""Chooses faults by what code they lead to, and keeps each kind of failure once, with the fewest faults."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from emu.machine import MachineError
from emu.regress.explore.branches import Branches
from emu.regress.explore.fault import Fault, near
from emu.regress.explore.kinds import KINDS
from emu.regress.explore.places import Places
from emu.regress.powercut.outcome import Outcome, Verdict

MOST_FAULTS: Final = 4
MOST_SHORTER: Final = 60
"""So many executions are spent on simpler arguments of a finding."""
_LATEST: Final = 64
"""Faults are made from one of so many that have led to new code last."""
_SHIFTS_NS: Final = tuple(ms * 1_000_000 for ms in (-1, 1, -2, 2, -4, 4))
"""A fault alone is tried at these times, too: others have perhaps only made it late."""
_NUMBERS: Final = re.compile(r"0x[0-9a-f]+|\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Finding:
    """A failure and the shortest list of faults that shows it."""

    outcome: Outcome
    faults: tuple[Fault, ...]
    executions: int
    """After how many it was found."""

    @property
    def signature(self) -> str:
        """Equal for failures of the same kind: numbers in texts differ each time."""
        return signature(self.outcome)

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        faults = [str(fault) for fault in self.faults]
        return {**self.outcome.to_dict(), "faults": faults, "executions": self.executions}


class Found(NamedTuple):
    """What an execution has come to that others do not know yet."""

    faults: tuple[Fault, ...]
    places: frozenset[int]
    executions: int
    """After how many of the round."""


@dataclass(slots=True)
class Round:
    """What came of so many executions."""

    executions: int = 0
    found: list[Found] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


class Explorer:
    """All that it does depends on seed and on what it is told of others, and on nothing else."""

    def __init__(self, branches: Branches, seed: int | str, kinds: Sequence[str]) -> None:
        """MachineError if none of the kinds can be."""
        self._branches = branches
        self._draw = random.Random(seed)
        self._kinds = [kind for kind in kinds if KINDS[kind].needs(branches.known)]
        if not self._kinds:
            raise MachineError(f"{branches.scenario.name}: gives nothing to do for {', '.join(kinds)}")
        self._corpus: list[tuple[Fault, ...]] = [()]
        self._signatures: set[str] = set()
        self._places = Places()
        self._executions = self._begin = 0  # in all, and until this round
        branches.machine.board.core.engine.tell_coverage(self._places)
        branches.run(())
        self.first_places = self._places.take()
        """Those that the story itself comes to."""

    def learn(self, found: Iterable[Found], signatures: Iterable[str]) -> None:
        """Know what others have come to."""
        for each in found:
            self._corpus.append(each.faults)
            self._places.know(each.places)
        self._signatures.update(signatures)

    def explore(self, most: int, goes_on: Callable[[], bool]) -> Round:
        """Make so many executions, and those that shorten findings, as long as it is to go on."""
        done = Round()
        begin = self._begin = self._executions
        while self._executions < begin + most and goes_on():
            faults = self._mutated(self._draw.choice(self._corpus[-_LATEST:]))
            outcome = self._run(faults)
            if places := self._places.take():
                self._corpus.append(faults)
                done.found.append(Found(faults, places, self._executions - begin))
            if outcome.verdict is not Verdict.GOOD and signature(outcome) not in self._signatures:
                self._signatures.add(signature(outcome))
                done.findings.append(self._shortest(faults, outcome))
        done.executions = self._executions - begin
        return done

    def _run(self, faults: Sequence[Fault]) -> Outcome:
        self._executions += 1
        return self._branches.run(faults)

    # ---- drawing -----------------------------------------------------------------------------------

    def _mutated(self, faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
        """With one more, one less, or one at another time."""
        draw, changed = self._draw, list(faults)
        if changed and (len(changed) >= MOST_FAULTS or draw.random() < 0.4):
            number = draw.randrange(len(changed))
            fault = changed.pop(number)
            if draw.random() < 0.7:
                changed.append(self._moved(fault))
        if not changed or draw.random() < 0.6:
            kind = draw.choice(self._kinds)
            drawn = KINDS[kind].draw(draw, self._branches.known)
            changed.append(Fault(drawn.time_ns, kind, drawn.arguments, drawn.replaces))
        return tuple(sorted(changed[:MOST_FAULTS], key=lambda fault: fault.time_ns))

    def _moved(self, fault: Fault) -> Fault:
        """Later, or a little earlier; what comes instead of something comes when that would."""
        if fault.replaces is not None:
            return fault
        earlier_ns = self._draw.choice((0, 0, 2_000_000))
        return fault._replace(time_ns=near(self._draw, self._branches.known, fault.time_ns - earlier_ns))

    # ---- shortening --------------------------------------------------------------------------------

    def _shortest(self, faults: tuple[Fault, ...], outcome: Outcome) -> Finding:
        """Without the faults that it does not take, and with simpler ones."""
        found_after, wanted = self._executions - self._begin, signature(outcome)
        last = self._executions + MOST_SHORTER
        candidates = self._simpler(faults)
        while self._executions < last and (candidate := next(candidates, None)) is not None:
            if signature(again := self._run(candidate)) == wanted:
                faults, outcome = candidate, again
                candidates = self._simpler(faults)
        self._places.take()  # shortening is no way to new code
        return Finding(outcome, faults, found_after)

    def _simpler(self, faults: tuple[Fault, ...]) -> Iterator[tuple[Fault, ...]]:
        if len(faults) > 1:
            for number in range(len(faults)):
                fewer = faults[:number] + faults[number + 1 :]
                yield fewer
                for later_ns in _SHIFTS_NS if len(fewer) == 1 else ():
                    yield (fewer[0]._replace(time_ns=max(fewer[0].time_ns + later_ns, 0)),)
        for number, fault in enumerate(faults):
            before, behind = faults[:number], faults[number + 1 :]
            if fault.replaces is not None:
                yield (*before, fault._replace(replaces=None), *behind)
            for arguments in KINDS[fault.kind].shorter(*fault.arguments):
                yield (*before, fault._replace(arguments=arguments), *behind)


def signature(outcome: Outcome) -> str:
    """Equal for failures of the same kind."""
    return f"{outcome.verdict} {_NUMBERS.sub('#', outcome.detail)[:120]}"
