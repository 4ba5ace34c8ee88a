"""How often a trace has executed each instruction of each program."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator

import numpy as np

from emu.isa.insn import Flow
from emu.loader.elf_code import ElfCode
from emu.memory_map import FLASH_BASE
from emu.trace.coverage.executed import Executed, ProgramCounts, count_seen, owners_of
from emu.trace.flow import Counts, FlowPart
from emu.trace.layout import EventKind
from emu.trace.lines import Line
from emu.trace.trace import Trace
from emu.trace.window import EVERYTHING, Window


def count(trace: Trace, window: Window = EVERYTHING) -> Executed:
    """What was executed of each program that the trace has the ELF file of.

    An instruction belongs to the program that was there at the time: see `owners_of`. Of coverage it is
    whether at all; LoadError for a part of that, for it has no times.
    """
    if trace.is_coverage and window == EVERYTHING:
        return count_seen(trace)
    executed = Executed({elf: ProgramCounts() for elf in trace.elfs})
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
        owners = owners_of(self._codes, pieces)
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


def _add(counts: ProgramCounts, line: Line, is_taken: bool, total: int) -> None:
    for address in line.addresses:
        counts.executed[address] += total
    if is_taken and line.last is not None and line.last.flow is Flow.CONDITIONAL:
        counts.taken[line.addresses[-1]] += total
