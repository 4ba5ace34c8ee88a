"""Coverage by lines, functions and branches of the source, which adds up over traces and programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from emu.isa.insn import Flow
from emu.loader.elf import ElfProgram, parse_elf
from emu.loader.errors import Origin
from emu.loader.symbols import Symbol, SymbolKind
from emu.trace.coverage.counting import Executed, ProgramCounts
from emu.trace.coverage.program_code import Instruction, Place, instructions_of


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


def coverage_of(executed: Executed) -> Coverage:
    """That of all programs, as far as their debug information tells the source."""
    return merged(_of_program(elf, counts) for elf, counts in executed.items())


def _of_program(elf: bytes, counts: ProgramCounts) -> Coverage:
    coverage, program = Coverage(), parse_elf(elf, Origin("ELF file"))
    by_function = _by_function(program)
    for symbol, instructions in by_function.items():
        lines, first = _lines(instructions, counts), instructions[0]
        if symbol.kind is SymbolKind.FUNCTION and first.address == symbol.address:
            path, line = first.begins
            entered = lines[first.begins] = _entered(instructions, counts)
            coverage.add_function(FunctionName(path, symbol.name), FunctionCount(line, entered))
        for place, number in lines.items():
            coverage.add_line(place, number)
        for each in instructions:
            if each.row.flow is Flow.CONDITIONAL:
                taken = counts.taken[each.address]
                branch = BranchCount(taken, counts.executed[each.address] - taken)
                offset = each.address - symbol.address
                coverage.add_branch(BranchName(each.place, symbol.name, offset), branch)
    return coverage


def _by_function(program: ElfProgram) -> dict[Symbol, list[Instruction]]:
    functions: dict[Symbol, list[Instruction]] = {}
    nameless = Symbol("", 0, 0)
    for instruction in instructions_of(program):
        found = program.symbols.at(instruction.address)
        functions.setdefault(found[0] if found else nameless, []).append(instruction)
    return functions


def _lines(instructions: Iterable[Instruction], counts: ProgramCounts) -> dict[Place, int]:
    """Those of a function: a line was executed as often as that of its instructions that was most."""
    lines: dict[Place, int] = {}
    for each in instructions:
        for place in each.places:
            lines[place] = max(lines.get(place, 0), counts.executed[each.address])
    return lines


def _entered(instructions: list[Instruction], counts: ProgramCounts) -> int:
    """How often a function was entered: its first instruction may also be that of a loop."""
    start = instructions[0].address
    entered = counts.executed[start]
    for each in instructions:
        if each.target == start:
            is_conditional = each.row.flow is Flow.CONDITIONAL
            entered -= (counts.taken if is_conditional else counts.executed)[each.address]
    return entered
