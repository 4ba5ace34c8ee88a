"""The flow of control of a trace in arrays: what each entry has executed, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emu.engine.flow import ADDRESS, AT, CUT, FALLS
from emu.trace.chunks import Moment
from emu.trace.lines import Code, Line
from emu.trace.window import Window

Words = NDArray[np.uint32]
Counts = NDArray[np.int64]

_PAIR = 32  # bits by which the next entry is shifted in a key
_IS_STOP = 1  # in the next entry: the line ends there


@dataclass(frozen=True, slots=True)
class FlowPart:
    """Entries in a row with the same code in memory; arrays have an element for each.

    Those that execute nothing (AT, CUT) have the line -1.
    """

    first: int
    """Number of the first entry."""
    starts: Words
    """Addresses: where a line begins, or where control was."""
    nexts: Words
    """Addresses of the entries behind."""
    line_numbers: Counts
    """In `lines`."""
    lines: list[Line]
    code: Code
    """As it is now, while this is the latest part."""
    executed: Counts
    """Instructions executed before each, since power-on."""
    elapsed: Counts
    """The same of what has elapsed."""

    def inside(self, window: Window) -> Iterator[FlowPart]:
        """What begins in a window: a part, or nothing."""
        begin, end = np.searchsorted(self.elapsed, (window.least, window.end))
        if begin == 0 and end == len(self.elapsed):
            yield self
        elif begin < end:
            inside = slice(begin, end)
            yield replace(
                self,
                first=self.first + int(begin),
                starts=self.starts[inside],
                nexts=self.nexts[inside],
                line_numbers=self.line_numbers[inside],
                executed=self.executed[inside],
                elapsed=self.elapsed[inside],
            )

    @property
    def end(self) -> tuple[int, int]:
        """What has elapsed, and the instructions executed, behind the last entry."""
        number = int(self.line_numbers[-1])
        cost, count = (self.lines[number].cost, len(self.lines[number].addresses)) if number >= 0 else (0, 0)
        return int(self.elapsed[-1]) + cost, int(self.executed[-1]) + count


class FlowDecoder:
    """Tells entries apart, part by part."""

    def __init__(self, code: Code) -> None:
        self._at = Moment()
        self._code = code
        self._known: dict[int, int] = {}
        self._lines: list[Line] = []

    def begin(self, at: Moment) -> None:
        """Go on there."""
        self._at = at

    def code_changed(self) -> None:
        """Lines are not what they were."""
        self._known, self._lines = {}, []

    def part(self, entries: Words, following: int) -> FlowPart:
        """Decode entries; `following` is the one behind them."""
        nexts = np.append(entries[1:], np.uint32(following))
        is_line = (entries & np.uint32(AT | CUT)) == 0
        ends_at_next = ((entries & np.uint32(FALLS)) | (nexts & np.uint32(CUT))) != 0
        stops = np.where(ends_at_next, nexts & np.uint32(ADDRESS) | np.uint32(_IS_STOP), 0).astype(np.uint64)
        keys = (entries.astype(np.uint64) | stops << np.uint64(_PAIR))[is_line]
        different, inverse = np.unique(keys, return_inverse=True)
        numbers = np.array([self._number(int(key)) for key in different], dtype=np.int64)
        line_numbers = np.full(len(entries), -1, dtype=np.int64)
        line_numbers[is_line] = numbers[inverse]
        at = self._at
        executed, executed_then = _sums(line_numbers, [len(x.addresses) for x in self._lines], at.executed)
        elapsed, elapsed_then = _sums(line_numbers, [x.cost for x in self._lines], at.elapsed)
        self._at = Moment(at.entries + len(entries), elapsed_then, executed_then)
        starts, nexts = entries & np.uint32(ADDRESS), nexts & np.uint32(ADDRESS)
        return FlowPart(at.entries, starts, nexts, line_numbers, self._lines, self._code, executed, elapsed)

    def _number(self, key: int) -> int:
        number = self._known.get(key)
        if number is None:
            stop = key >> _PAIR
            number = self._known[key] = len(self._lines)
            self._lines.append(self._code.line(key & ADDRESS, stop & ADDRESS if stop else None))
        return number


def _sums(line_numbers: Counts, of_lines: list[int], begin: int) -> tuple[Counts, int]:
    """What there was before each entry, and behind the last."""
    each = np.append(np.array(of_lines, dtype=np.int64), 0)[line_numbers]  # -1 is the last: nothing
    sums = np.cumsum(each)
    return sums - each + begin, begin + int(sums[-1]) if len(sums) else begin


def addresses_of(part: FlowPart) -> Iterator[int]:
    """The address of every instruction, in the order of their execution."""
    lines = part.lines
    for number in part.line_numbers.tolist():
        if number >= 0:
            yield from lines[number].addresses
