"""A trace as it is drawn over time: lanes of slices that lie within each other, and of single events."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from heapq import merge
from typing import Final, NamedTuple

from emu.trace.calls import CallFinder, Switch
from emu.trace.event_log import CAUSES
from emu.trace.layout import EventKind
from emu.trace.selection import ALL, Selection
from emu.trace.slices import Slice, Slices
from emu.trace.trace import Trace
from emu.trace.uart_text import uart_lines
from emu.trace.window import Window

RUNNING: Final = "running"
"""The lane of contexts in execution; a handler takes the place of the task that it interrupts."""
ASLEEP: Final = "asleep"
"""The lane of the time that passes without instructions."""
FLASH: Final = "flash"
RESETS: Final = "resets"


class MarkKind(Enum):
    """What a mark is."""

    BEGIN = "begin"
    END = "end"
    INSTANT = "instant"


class Mark(NamedTuple):
    """A slice begins, the one that began last in the lane ends, or something happens."""

    time_ns: int
    kind: MarkKind
    lane: int
    name: str
    """Empty at an end."""


class Timeline:
    """What is in a part of a trace: calls of functions that are wanted, and all else."""

    def __init__(self, trace: Trace, selection: Selection = ALL) -> None:
        self.lanes: dict[int | str, int] = {}
        """Their numbers in the order of the first use, by context (see `calls.Change.context`) or name."""
        self.slices = Slices()
        self._numbers: dict[str, int] = {}  # of the names of slices
        self._instants: list[Mark] = []
        self._add_calls(trace, selection)
        self._add_idle(trace, selection.window)
        self._add_events(trace, selection.window)

    @property
    def names(self) -> list[str]:
        """The names of slices by their numbers."""
        return list(self._numbers)

    def lane(self, key: int | str) -> Iterator[Slice]:
        """The slices of a lane, outer ones before inner ones."""
        return self.slices.lane(self._lane(key))

    def marks(self, least_ns: int = 0) -> Iterator[Mark]:
        """All of it in the order of time; slices that are shorter are left out."""
        names = self.names
        lanes = (self._marks_of(lane, least_ns, names) for lane in self.lanes.values())
        instants = sorted(self._instants, key=lambda mark: mark.time_ns)
        return merge(instants, *lanes, key=lambda mark: mark.time_ns)

    def _marks_of(self, lane: int, least_ns: int, names: list[str]) -> Iterator[Mark]:
        ends_ns: list[int] = []
        for begin_ns, end_ns, name in self.slices.lane(lane, least_ns):
            while ends_ns and ends_ns[-1] <= begin_ns:
                yield Mark(ends_ns.pop(), MarkKind.END, lane, "")
            yield Mark(begin_ns, MarkKind.BEGIN, lane, names[name])
            ends_ns.append(end_ns)
        while ends_ns:
            yield Mark(ends_ns.pop(), MarkKind.END, lane, "")

    def _add_calls(self, trace: Trace, selection: Selection) -> None:
        times, slices, running = trace.times, self.slices, self._lane(RUNNING)
        is_running, elapsed = False, 0
        for step in CallFinder(trace).steps(selection.window):
            elapsed = step.elapsed
            lane = self._lane(step.context)
            if isinstance(step, Switch):
                if is_running:
                    slices.end(running, times.time_ns(elapsed))
                is_running = True
                slices.begin(running, self._name(trace.context_name(step.context)), times.begin_ns(elapsed))
            elif not selection.has_function(step.function):
                continue
            elif step.is_entry:
                slices.begin(lane, self._name(step.function.name), times.begin_ns(elapsed))
            else:
                slices.end(lane, times.time_ns(elapsed))
        if is_running:
            slices.end(running, times.time_ns(elapsed))

    def _add_idle(self, trace: Trace, window: Window) -> None:
        for begin_ns, end_ns in trace.idle(window):
            self.slices.begin(self._lane(ASLEEP), self._name(ASLEEP), begin_ns)
            self.slices.end(self._lane(ASLEEP), end_ns)

    def _add_events(self, trace: Trace, window: Window) -> None:
        for line in uart_lines(trace.events(window)):
            self._add_instant(line.begin.time_ns, f"UART{line.uart}", line.text)
        for event in trace.events(window):
            if event.kind in (EventKind.ERASE, EventKind.PROGRAM):
                what = f"{event.kind.name.lower()} {event.first:#x}, {event.second:,} bytes"
                self._add_instant(event.time_ns, FLASH, what)
            elif event.kind is EventKind.RESET:
                self._add_instant(event.time_ns, RESETS, CAUSES[event.first].value)

    def _add_instant(self, time_ns: int, lane: str, name: str) -> None:
        self._instants.append(Mark(time_ns, MarkKind.INSTANT, self._lane(lane), name))

    def _lane(self, key: int | str) -> int:
        return self.lanes.setdefault(key, len(self.lanes))

    def _name(self, name: str) -> int:
        return self._numbers.setdefault(name, len(self._numbers))
