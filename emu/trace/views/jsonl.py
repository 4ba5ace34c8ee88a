"""JSON Lines: an object for each call and for what happens besides, in the order in which they ended."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from heapq import merge
from typing import Any, Final, NamedTuple

from emu.report.phrases import vector_name
from emu.trace.calls import CallFinder, Change
from emu.trace.event_log import CAUSES
from emu.trace.layout import EventKind
from emu.trace.selection import Selection
from emu.trace.trace import Event, Trace
from emu.trace.uart_text import uart_lines
from emu.trace.views.view import Write
from emu.trace.window import Window

Fields = dict[str, Any]
_EVENTS: Final[dict[EventKind, Callable[[Event], Fields]]] = {
    EventKind.EXCEPTION: lambda event: {"vector": event.first, "name": vector_name(event.first)},
    EventKind.RESET: lambda event: {"cause": CAUSES[event.first].value},
    EventKind.PROGRAM: lambda event: {"offset": event.first, "size_bytes": event.second},
    EventKind.ERASE: lambda event: {"offset": event.first, "size_bytes": event.second},
}


class _Record(NamedTuple):
    end_ns: int
    kind: str
    fields: Fields


class _Entry(NamedTuple):
    begin_ns: int
    executed: int
    """By its context until then."""


def show(trace: Trace, selection: Selection, write: Write) -> None:
    """See `View.show`."""
    window = selection.window
    idle = (_Record(end, "sleep", {"begin_ns": begin, "end_ns": end}) for begin, end in trace.idle(window))
    events = sorted(_events(trace, window), key=lambda record: record.end_ns)
    for _, kind, fields in merge(_calls(trace, selection), idle, events, key=lambda record: record.end_ns):
        write(json.dumps({"kind": kind, **fields}) + "\n")


def _calls(trace: Trace, selection: Selection) -> Iterator[_Record]:
    stacks: dict[int, list[_Entry]] = defaultdict(list)
    executed: dict[int, int] = defaultdict(int)
    running, before = 0, 0
    for step in CallFinder(trace).steps(selection.window):
        executed[running] += step.executed - before
        before = step.executed
        stack = stacks[step.context]
        if not isinstance(step, Change):
            running = step.context
        elif step.is_entry:
            stack.append(_Entry(trace.times.begin_ns(step.elapsed), executed[step.context]))
        else:
            begin_ns, already = stack.pop()
            if not selection.has_function(step.function):
                continue
            end_ns = max(trace.times.time_ns(step.elapsed), begin_ns)
            fields = {
                "begin_ns": begin_ns,
                "end_ns": end_ns,
                "context": trace.context_name(step.context),
                "function": step.function.name,
                "address": step.function.address,
                "depth": len(stack),
                "instructions": executed[step.context] - already,
            }
            yield _Record(end_ns, "call", fields)


def _events(trace: Trace, window: Window) -> Iterator[_Record]:
    for line in uart_lines(trace.events(window)):
        time_ns = line.begin.time_ns
        yield _Record(time_ns, "uart", {"time_ns": time_ns, "uart": line.uart, "text": line.text})
    for event in trace.events(window):
        if event.kind in _EVENTS:
            fields = {"time_ns": event.time_ns, **_EVENTS[event.kind](event)}
            yield _Record(event.time_ns, event.kind.name.lower(), fields)
