"""What a sweep has found, as data that every form of it is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from emu.regress.powercut.cut import Left
from emu.regress.powercut.outcome import Outcome, Verdict
from emu.regress.powercut.story import Place


@dataclass(frozen=True, slots=True)
class Entry:
    """A cut, and what has come of it."""

    cut: str
    point: str
    place: Place
    state: str
    """Equal for cuts that leave the same."""
    outcome: Outcome
    is_first: bool = True
    """Whether it was started; else an equal one was."""
    has_update: bool = False
    """Whether a complete image lies in app_ota meanwhile; only looked for where it matters."""

    @property
    def is_second(self) -> bool:
        """Whether it is a cut of what came after another one."""
        return "/" in self.cut


@dataclass(frozen=True, slots=True)
class SweepReport:
    """All cuts of a story."""

    scenario: str
    operations: Sequence[Place]
    entries: list[Entry] = field(default_factory=list)
    cpu_s: float = 0.0
    """What all of it took, on all cores together."""
    known: frozenset[str] = frozenset()
    """Cuts that are allowed to be bad."""
    total: int = 0
    """Cuts that there are; more than entries if this is one shard of several."""
    source: Path | None = None
    """The scenario's file."""

    @property
    def bad(self) -> list[Entry]:
        """Those that are not good."""
        return [entry for entry in self.entries if entry.outcome.verdict is not Verdict.GOOD]

    @property
    def new(self) -> list[Entry]:
        """Those that are not good and not known to be so."""
        return [entry for entry in self.bad if entry.cut not in self.known]

    @property
    def counts(self) -> Counter[Verdict]:
        """How often each verdict came."""
        return Counter(entry.outcome.verdict for entry in self.entries)

    @property
    def started(self) -> list[Entry]:
        """Those for which the device was started, and not only remembered."""
        return [entry for entry in self.entries if entry.is_first]

    @property
    def merged(self) -> int:
        """How many of these came to a state that was known."""
        return sum(entry.outcome.merged for entry in self.started)

    @property
    def shortened(self) -> int:
        """How many of these left out a part that another one had done alike."""
        return sum(entry.outcome.shortened for entry in self.started)

    @property
    def per_second(self) -> float:
        """Cuts a second and core."""
        return len(self.entries) / self.cpu_s if self.cpu_s else 0.0

    def to_dict(self) -> dict[str, Any]:
        """As plain data, for JSON."""
        return {
            "scenario": self.scenario,
            "cuts": len(self.entries),
            "started": len(self.started),
            "merged": self.merged,
            "shortened": self.shortened,
            "cpu_s": round(self.cpu_s, 3),
            "cuts_per_second": round(self.per_second, 1),
            "counts": {verdict.value: self.counts[verdict] for verdict in Verdict},
            "operations": [asdict(place) for place in self.operations],
            "bad": [_entry(entry, is_new=entry.cut not in self.known) for entry in self.bad],
        }


def _entry(entry: Entry, *, is_new: bool) -> dict[str, Any]:
    place = asdict(entry.place)
    return {"cut": entry.cut, "is_new": is_new, "operation": place, **entry.outcome.to_dict()}


def entry_of(left: Left, place: Place, state: bytes, outcome: Outcome, **more: bool) -> Entry:
    """The entry of a cut."""
    return Entry(str(left.cut), left.cut.point, place, state.hex(), outcome, **more)


@dataclass(frozen=True, slots=True)
class Window:
    """Consecutive points of the story at which a cut ends the same way."""

    entries: list[Entry]

    @property
    def verdict(self) -> Verdict:
        """Of all of them."""
        return self.entries[0].outcome.verdict

    @property
    def first(self) -> Place:
        """Where it opens."""
        return self.entries[0].place

    @property
    def last(self) -> Place:
        """Where it closes."""
        return self.entries[-1].place

    def duration_ns(self, operations: Sequence[Place]) -> int:
        """How long the power must not fail, at most."""
        begin = {"before": self.first.time_ns, "after": self.first.ready_ns}
        opens = begin.get(self.entries[0].point, self.first.time_ns)
        if self.entries[-1].point != "after":
            return (
                max(self.last.ready_ns if "amid" in self.entries[-1].point else self.last.time_ns, opens)
                - opens
            )
        following = operations[self.last.number : self.last.number + 1]
        return (following[0].time_ns if following else self.last.ready_ns) - opens


def windows(entries: Sequence[Entry]) -> Iterator[Window]:
    """The windows of the first cuts among them that are not good."""
    row: list[Entry] = []
    for entry in entries:
        if entry.is_second or entry.outcome.verdict is Verdict.GOOD:
            continue
        is_next = row and entry.place.number - row[-1].place.number <= 1
        if row and (not is_next or entry.outcome.verdict is not row[0].outcome.verdict):
            yield Window(row)
            row = []
        row.append(entry)
    if row:
        yield Window(row)
