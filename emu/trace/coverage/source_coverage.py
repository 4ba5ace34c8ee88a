"""Coverage by lines, functions and branches of the source, which adds up over traces and programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from emu.trace.coverage.body_lines import BodyLines, lines_of
from emu.trace.coverage.executed import Executed, ProgramCounts
from emu.trace.coverage.program_code import Place, bodies_of
from emu.trace.names import Function
from emu.trace.selection import ALL, Selection

SourceOf = Callable[[bytes], list[BodyLines]]
"""What tells the functions of a program: `source_of`, or a `SourceStore`."""


class FunctionName(NamedTuple):
    """A function of a source file; of several with the same name in a header there is one."""

    path: str
    name: str


class FunctionCount(NamedTuple):
    """Where a function begins, and how often it was entered."""

    line: int
    entered: int


class BranchName(NamedTuple):
    """A conditional branch, by its position in its function: builds that have the same share it."""

    place: Place
    function: str
    offset: int


class BranchCount(NamedTuple):
    """How often a branch has gone to its target, and how often on behind itself."""

    taken: int
    passed: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """All that could have been executed, with how often it was."""

    lines: dict[Place, int] = field(default_factory=dict)
    functions: dict[FunctionName, FunctionCount] = field(default_factory=dict)
    branches: dict[BranchName, BranchCount] = field(default_factory=dict)

    def __add__(self, other: Coverage) -> Coverage:
        """What both have come to; the order does not matter."""
        return merged([self, other])

    def add_line(self, place: Place, number: int) -> None:
        """Count a line."""
        self.lines[place] = self.lines.get(place, 0) + number

    def add_function(self, name: FunctionName, function: FunctionCount) -> None:
        """Count a function."""
        known = self.functions.get(name, FunctionCount(function.line, 0))
        line = min(known.line, function.line)  # builds may have it at different ones
        self.functions[name] = FunctionCount(line, known.entered + function.entered)

    def add_branch(self, name: BranchName, branch: BranchCount) -> None:
        """Count a branch."""
        known = self.branches.get(name, BranchCount(0, 0))
        self.branches[name] = BranchCount(known.taken + branch.taken, known.passed + branch.passed)


def merged(coverages: Iterable[Coverage]) -> Coverage:
    """What all of them have come to together."""
    total = Coverage()
    for each in coverages:
        for place, number in each.lines.items():
            total.add_line(place, number)
        for name, function in each.functions.items():
            total.add_function(name, function)
        for branch_name, branch in each.branches.items():
            total.add_branch(branch_name, branch)
    return total


def source_of(elf: bytes) -> list[BodyLines]:
    """The functions of a program, by its ELF file, for `lines_reached` and `line_counts`."""
    return lines_of(bodies_of(elf))


def coverage_of(executed: Executed, selection: Selection = ALL, source_of: SourceOf = source_of) -> Coverage:
    """That of all functions that are wanted, as far as the debug information tells the source."""
    total = Coverage()
    for elf, counts in executed.items():
        for body in source_of(elf):
            if selection.has_function(Function(body.name, body.entry, 0)):
                _add_body(total, body, counts)
    return total


def lines_reached(bodies: list[BodyLines], counts: ProgramCounts) -> set[Place]:
    """The lines of a program that were executed."""
    return {place for place, number in line_counts(bodies, counts).items() if number}


def line_counts(bodies: list[BodyLines], counts: ProgramCounts) -> Counter[Place]:
    """All lines of a program, with how often they were executed."""
    lines: Counter[Place] = Counter()
    for body in bodies:
        for place, number in _lines(body, counts):
            lines[place] += number
    return lines


def _add_body(coverage: Coverage, body: BodyLines, counts: ProgramCounts) -> None:
    for place, number in _lines(body, counts):
        coverage.add_line(place, number)
    if body.declared is not None:
        name, (path, line) = body.declared
        function = FunctionCount(line, _entered(body, counts))
        coverage.add_function(FunctionName(path, name), function)
    for address, place in body.branches:
        branch = BranchCount(*counts.ways(address))
        coverage.add_branch(BranchName(place, body.name, address - body.entry), branch)


def _lines(body: BodyLines, counts: ProgramCounts) -> Iterator[tuple[Place, int]]:
    """A line was executed as often as that of its instructions that was most."""
    for place, addresses in body.lines:
        yield place, counts.most_times(addresses)
    if body.declared is not None and not body.is_copy:
        yield body.begins, _entered(body, counts)


def _entered(body: BodyLines, counts: ProgramCounts) -> int:
    """How often a function was entered: its first instruction may also be that of a loop."""
    entered = counts.executed[body.entry] + (body.entry in counts.seen)
    for address, is_conditional in body.repeats:
        entered -= (counts.taken if is_conditional else counts.executed)[address]
    return entered
