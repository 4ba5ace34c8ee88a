"""Calls and returns, found from the flow: who was in which function, from when to when, in which task."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emu.isa.insn import Flow as FlowKind
from emu.trace.flow import FlowPart
from emu.trace.layout import EventKind
from emu.trace.lines import Line
from emu.trace.names import Function
from emu.trace.trace import Event, Trace
from emu.trace.window import EVERYTHING, Window

_CALLS: Final = (FlowKind.CALL, FlowKind.INDIRECT_CALL)
_NONE: Final = 1 << 32  # no address


class Change(NamedTuple):
    """A function is entered or left."""

    elapsed: int
    executed: int
    is_entry: bool
    context: int
    """Control block of the task; 0 without tasks; an exception has minus its vector, minus 1."""
    function: Function


class Switch(NamedTuple):
    """Another context goes on."""

    elapsed: int
    executed: int
    context: int


Step = Change | Switch


class _Frame(NamedTuple):
    function: Function
    behind: int
    """Where its caller goes on; `_NONE` where there is none."""


class _Stack:
    """The functions that have not returned, of a task or of a handler."""

    def __init__(self, context: int) -> None:
        self.context = context
        self.frames: list[_Frame] = []


class CallFinder:
    """Follows the flow of a trace."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._tasks: dict[int, _Stack] = {}
        self._handlers: list[_Stack] = []
        self._stack = _Stack(0)
        self._interrupted = 0  # the context that was interrupted last
        self._events: list[Event] = []
        self._position = 0  # in the events
        self._steps: list[Step] = []
        self._now = (0, 0)

    def changes(self, window: Window = EVERYTHING) -> Iterator[Change]:
        """All entries and exits of functions, in order; at the end, what has not returned is left."""
        return (step for step in self.steps(window) if isinstance(step, Change))

    def steps(self, window: Window = EVERYTHING) -> Iterator[Step]:
        """The same, and between them who goes on: each instruction was executed by the latest of these.

        First of all comes the context that the window begins in.
        """
        kinds = EventKind.EXCEPTION, EventKind.RESET
        self._events = [event for event in self._trace.events() if event.kind in kinds]
        is_first = True
        for part in self._trace.parts(window):
            if is_first:
                is_first = False
                self._begin(part)
            self._follow(part)
            self._now = part.end
            yield from self._take()
        for stack in (*reversed(self._handlers), self._stack, *self._tasks.values()):
            self._leave(stack, 0)
        yield from self._take()

    def _take(self) -> list[Step]:
        steps, self._steps = self._steps, []
        return steps

    def _begin(self, part: FlowPart) -> None:
        while self._position < len(self._events) and self._events[self._position].entries < part.first:
            self._position += 1
        self._now = int(part.elapsed[0]), int(part.executed[0])
        if self._now[1] == 0:
            self._go_on(_Stack(0))
        else:
            self._resume()
        self._enter(self._trace.names.function(int(part.starts[0]), part.code), _NONE)

    def _follow(self, part: FlowPart) -> None:
        """Go through the places where a function may be entered or left."""
        names, code = self._trace.names, part.code
        functions = {start: names.function(start, code) for start in _different(part)}
        numbers = {function: number for number, function in enumerate(dict.fromkeys(functions.values()))}
        addresses = np.array(sorted(functions), dtype=np.uint32)
        number_at = np.array([numbers[functions[int(address)]] for address in addresses], dtype=np.int64)
        here, there = (number_at[np.searchsorted(addresses, each)] for each in (part.starts, part.nexts))
        ends = np.array([_may_change_function(line) for line in part.lines] + [False], dtype=bool)
        is_met = ends[part.line_numbers] | (here != there)
        events = self._events
        for index in np.flatnonzero(is_met | _has_event(part, events, self._position)).tolist():
            self._now = int(part.elapsed[index]), int(part.executed[index])
            entry = part.first + index
            while self._position < len(events) and events[self._position].entries <= entry:
                self._happened(events[self._position])
                self._position += 1
            number, following = int(part.line_numbers[index]), int(part.nexts[index])
            if not self._stack.frames:
                self._enter(functions[int(part.starts[index])], _NONE)
            if number >= 0 and is_met[index]:
                line = part.lines[number]
                self._now = self._now[0] + line.cost, self._now[1] + len(line.addresses)
                self._goes(line, following, functions[following])

    def _goes(self, line: Line, target: int, function: Function) -> None:
        """Control goes from the end of a line to an instruction of a function."""
        row = line.last
        if row is not None and row.flow in _CALLS:
            self._enter(function, line.end)
            return
        if row is not None and row.flow is FlowKind.SYSTEM and not row.returns:
            self._return_from_exception(row.name)
        elif row is not None and row.flow is FlowKind.INDIRECT:
            self._return_to(target)
        self._is_in(function)

    def _is_in(self, function: Function) -> None:
        """Control is in a function: if not in the latest on the stack, this one takes its place."""
        frames = self._stack.frames
        if not frames:
            self._enter(function, _NONE)
        elif frames[-1].function != function:  # a tail call, or a task that nothing is known of
            behind = frames[-1].behind
            self._leave(self._stack, len(frames) - 1)
            self._enter(function, behind)

    def _return_to(self, target: int) -> None:
        frames = self._stack.frames
        for depth in range(len(frames) - 1, -1, -1):
            if frames[depth].behind == target:
                self._leave(self._stack, depth)
                return

    def _return_from_exception(self, name: str) -> None:
        if name.startswith(("trap", "bkpt")):
            return  # an exception, which comes as an event
        if self._handlers:
            self._leave(self._handlers.pop(), 0)
        else:
            self._tasks[self._stack.context] = self._stack
        self._resume()

    def _happened(self, event: Event) -> None:
        if event.kind is EventKind.RESET:
            for stack in (*reversed(self._handlers), self._stack, *self._tasks.values()):
                self._leave(stack, 0)
            self._handlers, self._tasks, self._interrupted = [], {}, 0
            self._go_on(_Stack(0))
            return
        if not self._handlers:
            self._tasks[self._stack.context] = self._stack
            self._interrupted = self._stack.context
        self._handlers.append(_Stack(-event.first - 1))
        self._go_on(self._handlers[-1])

    def _resume(self) -> None:
        """Go on with a handler that was interrupted, or the task that the next exception interrupts."""
        if self._handlers:
            self._go_on(self._handlers[-1])
            return
        context = self._interrupted
        if self._position < len(self._events):
            event = self._events[self._position]
            context = event.second if event.kind is EventKind.EXCEPTION else context
        self._go_on(self._tasks.pop(context, _Stack(context)))

    def _go_on(self, stack: _Stack) -> None:
        self._stack = stack
        self._steps.append(Switch(*self._now, stack.context))

    def _enter(self, function: Function, behind: int) -> None:
        self._stack.frames.append(_Frame(function, behind))
        self._steps.append(Change(*self._now, True, self._stack.context, function))

    def _leave(self, stack: _Stack, depth: int) -> None:
        """Leave functions until so many are left."""
        while len(stack.frames) > depth:
            self._steps.append(Change(*self._now, False, stack.context, stack.frames.pop().function))


def _may_change_function(line: Line) -> bool:
    row = line.last
    if row is None:
        return False
    return row.flow in (*_CALLS, FlowKind.INDIRECT) or (row.flow is FlowKind.SYSTEM and not row.returns)


def _different(part: FlowPart) -> list[int]:
    return [int(start) for start in np.unique(np.append(part.starts, part.nexts[-1:]))]


def _has_event(part: FlowPart, events: list[Event], position: int) -> NDArray[np.bool_]:
    """Which entries come directly behind an event."""
    has = np.zeros(len(part.starts), dtype=bool)
    for number in range(position, len(events)):
        index = events[number].entries - part.first
        if index >= len(has):
            break
        has[max(index, 0)] = True
    return has
