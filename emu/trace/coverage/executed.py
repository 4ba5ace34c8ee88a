"""What of each program was executed; of coverage that was recorded: whether at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from emu.isa.decode import size_bytes
from emu.loader.elf_code import ElfCode
from emu.trace.coverage.seen import HasSeen, Seen, periods_of
from emu.trace.layout import SeenKind


@dataclass(frozen=True, slots=True)
class ProgramCounts:
    """Of one program, by address: what was counted, and what was seen without being counted."""

    executed: Counter[int] = field(default_factory=Counter)
    """How often an instruction was executed."""
    taken: Counter[int] = field(default_factory=Counter)
    """How often a conditional branch went to its target."""
    seen: set[int] = field(default_factory=set)
    """Instructions that were executed."""
    seen_ways: set[tuple[int, bool]] = field(default_factory=set)
    """Conditional branches that went on behind themselves (False), or to their targets (True)."""

    def update(self, other: ProgramCounts) -> None:
        """Add what was counted or seen elsewhere."""
        self.executed.update(other.executed)
        self.taken.update(other.taken)
        self.seen.update(other.seen)
        self.seen_ways.update(other.seen_ways)

    def times(self, address: int) -> int:
        """How often an instruction was executed; what was only seen is once."""
        return self.executed[address] + (address in self.seen)

    def most_times(self, addresses: Sequence[int]) -> int:
        """How often that of some instructions was executed which was executed most."""
        if not self.executed:
            return int(not self.seen.isdisjoint(addresses))
        return max(map(self.times, addresses), default=0)

    def ways(self, address: int) -> tuple[int, int]:
        """How often a conditional branch was taken, and how often passed; likewise."""
        taken, all_ = self.taken[address], self.executed[address]
        passed, is_taken = ((address, way) in self.seen_ways for way in (False, True))
        return taken + is_taken, all_ - taken + passed


class Executed(dict[bytes, ProgramCounts]):
    """Programs by their ELF files. Sums are the same in any order."""

    def __add__(self, other: Executed) -> Executed:
        """What both have counted."""
        total = Executed({elf: ProgramCounts() for elf in (*self, *other)})
        for each in (self, other):
            for elf, counts in each.items():
                total[elf].update(counts)
        return total


def count_seen(recorded: HasSeen) -> Executed:
    """All that was recorded, of each program that there is the ELF file of.

    An instruction belongs to the program that was there at the time: see `owners_of`.
    """
    executed = Executed({elf: ProgramCounts() for elf in recorded.elfs})
    codes = [ElfCode(elf) for elf in executed]
    for _, seen in periods_of(recorded):
        _add(executed, codes, seen)
    return executed


def count_by_test(recorded: HasSeen) -> Iterator[tuple[str, Executed]]:
    """The same by the names of the tests; some come several times."""
    codes = [ElfCode(elf) for elf in recorded.elfs]
    for name, seen in periods_of(recorded):
        executed = Executed({elf: ProgramCounts() for elf in recorded.elfs})
        _add(executed, codes, seen)
        yield name, executed


def _add(executed: Executed, codes: list[ElfCode], period: list[Seen]) -> None:
    programs = list(executed.values())
    owners = owners_of(codes, [(each.address, each.code) for each in period])
    for owner, (kind, address, code) in zip(owners, period, strict=True):
        if owner is None:
            continue
        if kind is SeenKind.EXECUTED:
            programs[owner].seen.update(_instructions(address, code))
        else:
            programs[owner].seen_ways.add((address, kind is SeenKind.TAKEN))


def owners_of(codes: list[ElfCode], pieces: list[tuple[int, bytes]]) -> list[int | None]:
    """Which program each piece of code (address, contents) is of, if no program has taken another's place.

    Of programs that have the same bytes somewhere, such as an app and its update, it is the one that less of
    all pieces contradicts.
    """
    fitting: list[list[int]] = []
    contradicted: Counter[int] = Counter()
    for address, contents in pieces:
        there = [code.bytes_at(address, len(contents)) for code in codes]
        fitting.append([number for number, known in enumerate(there) if known == contents])
        contradicted.update(number for number, known in enumerate(there) if known not in (b"", contents))
    return [min(each, key=lambda number: contradicted[number], default=None) for each in fitting]


def _instructions(address: int, code: bytes) -> Iterator[int]:
    """Where the instructions of a straight line begin."""
    at = 0
    while at < len(code):
        yield address + at
        at += size_bytes(int.from_bytes(code[at : at + 2], "little"))
