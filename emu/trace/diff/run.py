"""What is compared of a run."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from emu.trace.calls import CallFinder
from emu.trace.diff.call_counts import CallCounts, FunctionKey
from emu.trace.diff.jumps import Jumps, Way, WayFinder
from emu.trace.layout import EventKind
from emu.trace.names import Function
from emu.trace.trace import Trace

_KINDS: Final = {EventKind.PROGRAM: "program", EventKind.ERASE: "erase"}


class FunctionCounts(NamedTuple):
    """Of a function."""

    calls: int
    own: int
    """Instructions of its own."""
    total: int
    """Instructions until it has returned, those of what it calls included."""


class FlashOperation(NamedTuple):
    """A command to the flash."""

    kind: str
    offset: int
    size_bytes: int

    def __str__(self) -> str:
        return f"{self.kind} {self.offset:#x}, {self.size_bytes:,} bytes"


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a run was."""

    time_ns: int
    stack: list[str]
    """Functions that had not returned, the outermost first."""
    calls_before: list[str]
    """The latest ones, the oldest first."""


@dataclass(slots=True)
class _Calls:
    stack: list[str] = field(default_factory=list)
    latest: deque[str] = field(default_factory=lambda: deque(maxlen=5))


class Run:
    """A trace, prepared for comparison with others that share `jumps`."""

    def __init__(self, trace: Trace, jumps: Jumps) -> None:
        self.trace = trace
        self.executed = trace.ends.executed - trace.begins.executed
        counts = CallCounts(trace)
        finder = WayFinder(trace, jumps, counts.stretches)
        self.functions: dict[FunctionKey, FunctionCounts] = {
            key: FunctionCounts(counts.calls[key], finder.own[key], counts.totals[key])
            for key in sorted({*counts.calls, *finder.own})
        }
        self._finder = finder
        self.contexts: dict[str, int] = {}
        self.ways: dict[str, Way] = {}
        """By the names of tasks and handlers."""
        for context, way in finder.ways().items():
            name = self._free_name(trace.context_name(context))
            self.contexts[name], self.ways[name] = context, way
        self.flash: dict[FlashOperation, list[int]] = {}
        """Each with its times in nanoseconds."""
        for event in trace.events():
            if event.kind in _KINDS:
                operation = FlashOperation(_KINDS[event.kind], event.first, event.second)
                self.flash.setdefault(operation, []).append(event.time_ns)

    def moment(self, context: str, elapsed: int) -> Moment:
        """Where a task or handler was before what began when so much had elapsed."""
        calls, wanted = _Calls(), self.contexts[context]
        for change in CallFinder(self.trace).changes():
            if change.elapsed >= elapsed:
                break
            if change.context != wanted:
                continue
            if change.is_entry:
                calls.stack.append(change.function.name)
                calls.latest.append(change.function.name)
            else:
                calls.stack.pop()
        return Moment(self.trace.times.time_ns(elapsed), calls.stack, list(calls.latest))

    def source_line(self, jump: int, offset: int) -> str:
        """Where in the source a jump goes to, so far from the beginning of its function; empty if unknown."""
        function: Function = self._finder.functions[jump]
        return self.trace.names.programs[function.program].lines.at(function.address + offset)

    def _free_name(self, name: str) -> str:
        """Tasks may have the same."""
        number = Counter(known.partition(" #")[0] for known in self.contexts)[name]
        return f"{name} #{number + 1}" if number else name
