"""Questions to a trace: who called, who wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from emu.report.access import WatchedAccess
from emu.trace.calls import CallFinder, Step, Switch
from emu.trace.close_up import instructions_of
from emu.trace.layout import EventKind
from emu.trace.trace import Trace
from emu.trace.window import EVERYTHING, Window

Stack = tuple[str, ...]
"""Names of functions, the caller of all first."""


class FlashWrite(NamedTuple):
    """The flash was programmed or erased."""

    time_ns: int
    is_erase: bool
    offset: int
    size_bytes: int
    stack: Stack
    """Who was in whom, the outermost first; the task or handler before all."""


class _Stacks:
    """Who is in whom in each context."""

    def __init__(self, trace: Trace) -> None:
        self.running = 0
        """The context that goes on."""
        self._trace = trace
        self._names: dict[int, list[str]] = {}

    def follow(self, step: Step) -> None:
        """A function is entered or left, or another context goes on."""
        if isinstance(step, Switch):
            self.running = step.context
            return
        names = self._names.setdefault(step.context, [])
        if step.is_entry:
            names.append(step.function.name)
        else:
            names.pop()

    def of(self, context: int) -> Stack:
        """That of a context, whose name comes first."""
        return self._trace.context_name(context), *self._names.get(context, ())


def callers(trace: Trace, pattern: str, window: Window = EVERYTHING) -> Counter[Stack]:
    """How often functions were called (`*` and `?` in a name are wild), by the stacks with them."""
    stacks, found = _Stacks(trace), Counter[Stack]()
    for change in CallFinder(trace).changes(window):
        stacks.follow(change)
        if change.is_entry and fnmatchcase(change.function.name, pattern):
            found[stacks.of(change.context)] += 1
    return found


def writes(trace: Trace, where: str | int, size_bytes: int | None, window: Window) -> list[WatchedAccess]:
    """All that was written to a variable, an address or a register of a device in a window, by whomever.

    The run comes again for that: MachineError for a trace that cannot, or where nothing is.
    """
    first, end = instructions_of(trace, window)
    replay, found = trace.replay(), list[WatchedAccess]()
    replay.run_until(first)
    replay.machine.watch(where, size_bytes, kind="write", callback=found.append)
    replay.run_until(end)
    return found


def flash_writes(trace: Trace, offset: int, size_bytes: int, window: Window) -> Iterator[FlashWrite]:
    """The operations that have changed a part of the flash, and who was at it."""
    kinds = EventKind.PROGRAM, EventKind.ERASE
    touching = [
        event
        for event in trace.events()
        if event.kind in kinds and event.first < offset + size_bytes and offset < event.first + event.second
    ]
    stacks, steps = _Stacks(trace), iter(CallFinder(trace).steps(window))
    step = next(steps, None)
    for event in touching:
        while step is not None and step.elapsed <= event.elapsed:
            stacks.follow(step)
            step = next(steps, None)
        if window.least <= event.elapsed < window.end:
            is_erase, stack = event.kind is EventKind.ERASE, stacks.of(stacks.running)
            yield FlashWrite(event.time_ns, is_erase, event.first, event.second, stack)
