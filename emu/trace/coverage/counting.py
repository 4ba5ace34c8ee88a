"""How often a trace has executed each instruction of each program, or whether at all."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from emu.isa.decode import size_bytes
from emu.isa.insn import Flow
from emu.loader.elf_code import ElfCode
from emu.memory_map import FLASH_BASE
from emu.trace.coverage.seen import periods_of
from emu.trace.flow import EVERYTHING, Counts, FlowPart, Window
from emu.trace.layout import EventKind, SeenKind
from emu.trace.lines import Line
from emu.trace.trace import Trace


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


def count(trace: Trace, window: Window = EVERYTHING) -> Executed:
    """What was executed of each program that the trace has the ELF file of.

    An instruction belongs to the program that was there at the time: see `_owners`. LoadError for a part of
    coverage, which has no times.
    """
    executed = Executed({program.elf: ProgramCounts() for program in trace.names.programs if program.elf})
    if trace.is_coverage and window == EVERYTHING:
        return sum((period for _, period in count_by_test(trace)), executed)
    period = _Period(executed)
    changes = deque(_changes(trace))
    for part in trace.parts(window):
        begin, end = 0, len(part.starts)
        while changes and changes[0] < part.first + end:
            at = max(changes.popleft() - part.first, 0)
            period.add(part, slice(begin, at))
            period.end()
            begin = at
        period.add(part, slice(begin, end))
    period.end()
    return executed


def count_by_test(trace: Trace) -> Iterator[tuple[str, Executed]]:
    """What coverage has seen, by the names of the tests; some come several times."""
    elfs = [program.elf for program in trace.names.programs if program.elf]
    codes = [ElfCode(elf) for elf in elfs]
    for name, seen in periods_of(trace):
        executed = Executed({elf: ProgramCounts() for elf in elfs})
        owners = _owners(codes, [(each.address, each.code) for each in seen])
        for owner, (kind, address, code) in zip(owners, seen, strict=True):
            if owner is None:
                continue
            if kind is SeenKind.EXECUTED:
                executed[elfs[owner]].seen.update(_instructions(address, code))
            else:
                executed[elfs[owner]].seen_ways.add((address, kind is SeenKind.TAKEN))
        yield name, executed


def _changes(trace: Trace) -> Iterator[int]:
    """So many entries there were when other programs may have come."""
    flash = [(program.address - FLASH_BASE, program.end - FLASH_BASE) for program in trace.names.programs]
    for event in trace.events():
        if event.kind is EventKind.RESET:
            yield event.entries
        elif event.kind in (EventKind.PROGRAM, EventKind.ERASE):
            begin, end = event.first, event.first + event.second
            if any(begin < program_end and end > address for address, program_end in flash):
                yield event.entries


class _Period:
    """What is executed while no program takes the place of another."""

    def __init__(self, executed: Executed) -> None:
        self._counts_of = list(executed.values())
        self._codes = [ElfCode(elf) for elf in executed]
        self._totals: Counter[tuple[Line, bytes, bool]] = Counter()
        self._lines: list[Line] = []  # those that the decoder of the trace knows
        self._contents: list[bytes] = []  # of the code that each of them is
        self._counts: Counts = np.zeros(0, dtype=np.int64)  # twice as many: passed and taken at their ends

    def add(self, part: FlowPart, inside: slice) -> None:
        """Count entries of the latest part."""
        if part.lines is not self._lines:
            self._collect()
            self._lines, self._contents = part.lines, []
        for line in part.lines[len(self._contents) :]:
            start = line.addresses[0]
            self._contents.append(part.code.bytes_at(start, line.end - start))
        numbers, nexts = part.line_numbers[inside], part.nexts[inside]
        is_line = numbers >= 0
        numbers = numbers[is_line]
        ends = np.array([line.end for line in part.lines], dtype=np.uint32)
        is_taken = nexts[is_line] != ends[numbers]
        new = np.bincount(2 * numbers + is_taken, minlength=2 * len(part.lines))
        new[: len(self._counts)] += self._counts
        self._counts = new

    def end(self) -> None:
        """Give what was counted to the programs, and begin anew."""
        self._collect()
        pieces = [(line.addresses[0], contents) for line, contents, _ in self._totals]
        owners = _owners(self._codes, pieces)
        for owner, ((line, _, is_taken), total) in zip(owners, self._totals.items(), strict=True):
            if owner is not None:
                _add(self._counts_of[owner], line, is_taken, total)
        self._totals.clear()

    def _collect(self) -> None:
        for index in np.flatnonzero(self._counts).tolist():
            number, is_taken = divmod(index, 2)
            self._totals[self._lines[number], self._contents[number], bool(is_taken)] += int(
                self._counts[index]
            )
        self._counts = np.zeros(0, dtype=np.int64)


def _owners(codes: list[ElfCode], pieces: list[tuple[int, bytes]]) -> list[int | None]:
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


def _add(counts: ProgramCounts, line: Line, is_taken: bool, total: int) -> None:
    for address in line.addresses:
        counts.executed[address] += total
    if is_taken and line.last is not None and line.last.flow is Flow.CONDITIONAL:
        counts.taken[line.addresses[-1]] += total
