"""A value change dump for waveform viewers: who executes, sleep, resets, and the signals that are wanted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from heapq import merge
from io import TextIOBase
from typing import Any, TextIO, cast

from vcd.writer import Variable, VCDWriter

from emu.trace.layout import EventKind
from emu.trace.selection import Selection
from emu.trace.signals import watch_signals
from emu.trace.slices import Slice
from emu.trace.timeline import ASLEEP, RESETS, RUNNING, Timeline
from emu.trace.trace import Trace
from emu.trace.views.view import Write

_Change = tuple[int, Variable[Any], int | str]


class _File(TextIOBase):
    """What pyvcd writes to."""

    def __init__(self, write: Write) -> None:
        self._write = write

    def write(self, text: str) -> int:
        """Pass a text on."""
        self._write(text)
        return len(text)


def show(trace: Trace, selection: Selection, write: Write) -> None:
    """See `View.show`."""
    timeline = Timeline(trace, selection)
    names = timeline.names
    writer = VCDWriter(cast(TextIO, _File(write)), timescale="1 ns", version="w800emu", date="")
    running: Variable[Any] = writer.register_var("cpu", RUNNING, "string")
    reset: Variable[Any] = writer.register_var("cpu", RESETS, "event")
    asleep: Variable[Any] = writer.register_var("cpu", ASLEEP, "wire", size=1, init=0)
    resets = (event for event in trace.events(selection.window) if event.kind is EventKind.RESET)
    changes: list[Iterable[_Change]] = [_levels(asleep, timeline.lane(ASLEEP))]
    changes.append((each.begin_ns, running, names[each.name]) for each in timeline.lane(RUNNING))
    changes.append((event.time_ns, reset, 1) for event in resets)
    for context in sorted((key for key in timeline.lanes if isinstance(key, int) and key < 0), reverse=True):
        name = re.sub(r"\W+", "_", trace.context_name(context)).strip("_")
        wire = writer.register_var("handlers", name, "wire", size=1, init=0)
        changes.append(_levels(wire, timeline.lane(context)))
    for signal in watch_signals(trace, selection):
        name = re.sub(r"\W+", "_", signal.name)
        vector = writer.register_var("signals", name, "wire", size=signal.bits)
        changes.append([(time_ns, vector, value) for time_ns, value in signal.changes])
    for time_ns, variable, value in merge(*changes, key=lambda change: change[0]):
        writer.change(variable, time_ns, value)
    writer.close()


def _levels(wire: Variable[Any], slices: Iterable[Slice]) -> Iterator[_Change]:
    """A wire that is 1 during slices."""
    begin_ns = end_ns = -1
    for each in slices:
        if each.begin_ns > end_ns:
            if begin_ns >= 0:
                yield from ((begin_ns, wire, 1), (end_ns, wire, 0))
            begin_ns = each.begin_ns
        end_ns = max(end_ns, each.end_ns)
    if begin_ns >= 0:
        yield from ((begin_ns, wire, 1), (end_ns, wire, 0))
