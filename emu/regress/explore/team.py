"""`Team`: explorers in this process or in several, that tell each other what they find after each round."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from operator import lt
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from emu.loader import LoadError
from emu.machine import MachineError
from emu.regress.explore.branches import Branches
from emu.regress.explore.explorer import Explorer, Finding, Found, Round
from emu.regress.scenario import load_scenario

ROUND: Final = 50
"""So many executions make a round of each member."""


class Job(NamedTuple):
    """What is looked for; plain data."""

    scenario: Path | None
    kinds: tuple[str, ...]
    seed: int = 0
    uarts: tuple[int, ...] = ()
    image: bytes | None = None

    def branches(self) -> Branches:
        """The story, told."""
        return Branches(load_scenario(self.scenario), self.uarts, self.image)


class Sample(NamedTuple):
    """How far it was at a time."""

    executions: int
    seconds: float
    places: int


@dataclass(slots=True)
class State:
    """How far it has come."""

    executions: int = 0
    places: int = 0
    """Instructions and ways of branches that were executed at all."""
    findings: list[Finding] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    """Over time, one whenever there was something new."""
    is_cut_short: bool = False
    """Whether the time was over in the middle of a round: how far that came depends on the host."""
    begin_s: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Since the beginning, on the host."""
        return time.monotonic() - self.begin_s

    @property
    def per_second(self) -> float:
        """Executions a second."""
        return self.executions / max(self.seconds, 1e-9)

    def summary(self) -> dict[str, Any]:
        """The figures, as plain data."""
        return {
            "executions": self.executions,
            "per_second": round(self.per_second, 1),
            "places": self.places,
        }

    def to_dict(self) -> dict[str, Any]:
        """As plain data; equal for equal searches, but for what begins with `seconds` or ends so."""
        return {
            **self.summary(),
            "is_cut_short": self.is_cut_short,
            "coverage": [sample._asdict() for sample in self.samples],
            "findings": [finding.to_dict() for finding in self.findings],
        }


class Limits(NamedTuple):
    """When to end, at the latest."""

    time_s: float | None = None
    executions: int | None = None


class Member(Protocol):
    """An explorer, wherever it is."""

    def begin(
        self, most: int, time_s: float | None, found: Sequence[Found], signatures: Sequence[str]
    ) -> None:
        """Begin a round, knowing what others have found."""

    def end(self) -> Round:
        """Wait for it."""
        ...


class Team:
    """What it finds depends on the job, the number of members and the executions only."""

    def __init__(self, explorer: Explorer, members: Sequence[Member], each: int = ROUND) -> None:
        """`explorer` knows what the story itself comes to; members make `each` so many executions a round."""
        self._each = each
        self.state = State()
        self._members = members
        self._places = set(explorer.first_places)
        self._signatures: set[str] = set()
        self._note(0)

    def explore(self, limits: Limits, progress: Callable[[State], None]) -> Iterator[Finding]:
        """Give each new finding."""
        news: list[tuple[int, Found]] = []
        state = self.state
        while (most := self._left(limits)) > 0:
            left_s = None if limits.time_s is None else limits.time_s - state.seconds
            if left_s is not None and left_s <= 0:
                return
            shares = [min(self._each, -(-most // len(self._members)))] * len(self._members)
            for number, (member, share) in enumerate(zip(self._members, shares, strict=True)):
                others = [found for finder, found in news if finder != number]
                member.begin(share, left_s, others, sorted(self._signatures))
            rounds = [member.end() for member in self._members]
            state.is_cut_short = any(map(lt, (one.executions for one in rounds), shares))
            by_turns = [(number, found) for number, one in enumerate(rounds) for found in one.found]
            by_turns.sort(key=lambda each: each[1].executions)
            news = [each for each in by_turns if self._is_new(each[1])]
            findings = [finding for one in rounds for finding in one.findings]
            different = [self._counted(finding) for finding in findings if self._is_different(finding)]
            state.executions += sum(one.executions for one in rounds)
            state.findings += different
            progress(state)
            yield from different

    def _left(self, limits: Limits) -> int:
        if limits.executions is None:
            return self._each * len(self._members)
        return limits.executions - self.state.executions

    def _is_new(self, found: Found) -> bool:
        if found.places <= self._places:
            return False
        self._places |= found.places
        self._note(self.state.executions + found.executions * len(self._members))
        return True

    def _is_different(self, finding: Finding) -> bool:
        is_different = finding.signature not in self._signatures
        self._signatures.add(finding.signature)
        return is_different

    def _counted(self, finding: Finding) -> Finding:
        """With the executions of all: members make theirs at the same time."""
        executions = self.state.executions + finding.executions * len(self._members)
        return replace(finding, executions=executions)

    def _note(self, executions: int) -> None:
        self.state.places = len(self._places)
        self.state.samples.append(Sample(executions, self.state.seconds, len(self._places)))


class Local:
    """A member in this process."""

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
        self._round = Round()

    def begin(
        self, most: int, time_s: float | None, found: Sequence[Found], signatures: Sequence[str]
    ) -> None:
        """Make it at once."""
        self._explorer.learn(found, signatures)
        end_s = None if time_s is None else time.monotonic() + time_s
        self._round = self._explorer.explore(most, lambda: end_s is None or time.monotonic() < end_s)

    def end(self) -> Round:
        """It is over already."""
        return self._round


class Remote:
    """A member in a process of its own."""

    def __init__(self, job: Job, number: int) -> None:
        context = get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(job, number, other), daemon=True)
        self._process.start()
        other.close()

    def begin(
        self, most: int, time_s: float | None, found: Sequence[Found], signatures: Sequence[str]
    ) -> None:
        """Have it made there."""
        try:
            self._pipe.send((most, time_s, found, signatures))
        except OSError:
            raise _ended() from None

    def end(self) -> Round:
        """Wait for it; MachineError for what has failed there."""
        try:
            answer = self._pipe.recv()
        except (EOFError, OSError):
            raise _ended() from None
        if isinstance(answer, Round):
            return answer
        raise MachineError(str(answer))

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.terminate()
        self._process.join()


def _ended() -> MachineError:
    return MachineError("a process of the exploration has ended: is there enough memory?")


def _serve(job: Job, number: int, pipe: Connection) -> None:
    """In a process of its own."""
    try:
        member = Local(explorer_of(job, job.branches(), number))
        while True:
            member.begin(*pipe.recv())
            pipe.send(member.end())
    except (MachineError, LoadError) as error:
        pipe.send(str(error))
    except (EOFError, KeyboardInterrupt):
        pass


def explorer_of(job: Job, branches: Branches, number: int = 0) -> Explorer:
    """The explorer of a member; each has other luck."""
    return Explorer(branches, f"{job.seed} {number}", job.kinds)
