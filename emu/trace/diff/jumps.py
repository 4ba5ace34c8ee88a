"""The ways that tasks and handlers have gone: jumps between positions in functions, wherever those are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emu.trace.diff.call_counts import FunctionKey, Stretch
from emu.trace.flow import Counts, FlowPart, Words
from emu.trace.lines import Code
from emu.trace.names import NAMELESS, Function
from emu.trace.trace import Trace

_NOWHERE = 1  # an odd address: nothing was executed before
_NOBODY = 1  # an odd context: of entries that execute nothing


class Position(NamedTuple):
    """A place in a function."""

    function: str
    offset: int

    def __str__(self) -> str:
        if self.function == NAMELESS:
            return f"{self.offset:#010x}" if self.offset else NAMELESS
        return f"{self.function}+{self.offset:#x}"


class Jump(NamedTuple):
    """Control goes from an instruction to one that is not behind it."""

    source: Position | None
    """None: nothing was executed before."""
    target: Position


class Jumps:
    """Numbers for jumps: those of two runs can be compared."""

    def __init__(self) -> None:
        self.all: list[Jump] = []
        self._numbers: dict[Jump, int] = {}

    def number(self, jump: Jump) -> int:
        """That of a jump."""
        number = self._numbers.setdefault(jump, len(self.all))
        if number == len(self.all):
            self.all.append(jump)
        return number


@dataclass(slots=True)
class Way:
    """What a context has done."""

    numbers: Words
    elapsed: Counts
    """At the target of each jump."""

    def only(self, counts: NDArray[np.bool_]) -> Way:
        """The jumps that count, by their numbers."""
        inside = counts[self.numbers]
        return Way(self.numbers[inside], self.elapsed[inside])


@dataclass(slots=True)
class _Context:
    last: int = _NOWHERE  # the instruction executed last
    end: int = _NOWHERE  # the address behind it
    numbers: list[Words] = field(default_factory=list)
    elapsed: list[Counts] = field(default_factory=list)


class WayFinder:
    """Follows the contexts of a trace.

    How the flow is divided into lines depends on where it was interrupted; jumps do not.
    """

    def __init__(self, trace: Trace, jumps: Jumps, stretches: Sequence[Stretch]) -> None:
        self.own: Counter[FunctionKey] = Counter()
        """Instructions of each function."""
        self.functions: dict[int, Function] = {}
        """By numbers of jumps: that of the target."""
        self._trace, self._jumps = trace, jumps
        self._contexts: dict[int, _Context] = {}
        untils = np.array([stretch.until for stretch in stretches], dtype=np.int64)
        contexts = np.array([stretch.context for stretch in stretches] + [0], dtype=np.int64)
        for part in trace.parts():
            self._ends = np.array([line.end for line in part.lines], dtype=np.uint32)
            self._lasts = np.array([line.addresses[-1] for line in part.lines], dtype=np.uint32)
            running = contexts[np.searchsorted(untils, part.executed, side="right")]
            running[part.line_numbers < 0] = _NOBODY
            for context in np.unique(running).tolist():
                if context != _NOBODY:
                    self._follow(part, running == context, context)

    def ways(self) -> dict[int, Way]:
        """By context."""
        return {
            context: Way(np.concatenate(found.numbers), np.concatenate(found.elapsed))
            for context, found in self._contexts.items()
        }

    def _follow(self, part: FlowPart, inside: NDArray[np.bool_], number: int) -> None:
        lines = part.line_numbers[inside]
        for line, times in zip(
            *(each.tolist() for each in np.unique(lines, return_counts=True)), strict=True
        ):
            addresses = part.lines[line].addresses
            name = self._trace.names.function(addresses[0], part.code).name
            self.own[FunctionKey(name, number < 0)] += times * len(addresses)
        context = self._contexts.setdefault(number, _Context())
        ends, lasts = self._ends[lines], self._lasts[lines]
        before, starts = _shifted(context.last, lasts), part.starts[inside]
        jumps = _shifted(context.end, ends) != starts
        context.last, context.end = int(lasts[-1]), int(ends[-1])
        keys = before[jumps].astype(np.uint64) << np.uint64(32) | starts[jumps]
        different, inverse = np.unique(keys, return_inverse=True)
        numbers = [self._number(int(key) >> 32, int(key) & 0xFFFF_FFFF, part.code) for key in different]
        context.numbers.append(np.array(numbers, dtype=np.uint32)[inverse])
        context.elapsed.append(part.elapsed[inside][jumps])

    def _number(self, source: int, target: int, code: Code) -> int:
        before = self._position(source, code) if source != _NOWHERE else None
        number = self._jumps.number(Jump(before, self._position(target, code)))
        self.functions[number] = self._trace.names.function(target, code)
        return number

    def _position(self, address: int, code: Code) -> Position:
        names = self._trace.names
        function = names.function(address, code)
        if function.name == NAMELESS and len(names.programs[function.program].symbols):
            return Position(NAMELESS, 0)  # such as a jump that the linker has added: it may be anywhere
        return Position(function.name, address - function.address)


def _shifted(first: int, others: Words) -> Words:
    """One later, with another one in front."""
    return np.append(np.uint32(first), others[:-1])
