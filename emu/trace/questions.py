"""Questions to a trace: who called, who wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from emu.report.access import WatchedAccess
from emu.trace.calls import CallFinder
from emu.trace.close_up import instructions_of
from emu.trace.flow import EVERYTHING, Window
from emu.trace.layout import EventKind
from emu.trace.trace import Trace

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


def callers(trace: Trace, pattern: str, window: Window = EVERYTHING) -> Counter[Stack]:
    """How often functions were called (`*` and `?` in a name are wild), by the stacks with them."""
    stacks: dict[int, list[str]] = {}
    found: Counter[Stack] = Counter()
    for change in CallFinder(trace).changes(window):
        stack = stacks.setdefault(change.context, [trace.context_name(change.context)])
        if not change.is_entry:
            stack.pop()
            continue
        stack.append(change.function.name)
        if fnmatchcase(change.function.name, pattern):
            found[tuple(stack)] += 1
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
    stacks: dict[int, list[str]] = {}
    context = 0
    changes = iter(CallFinder(trace).changes(window))
    change = next(changes, None)
    for event in touching:
        while change is not None and change.elapsed <= event.elapsed:
            stack = stacks.setdefault(change.context, [trace.context_name(change.context)])
            context = change.context
            stack.append(change.function.name) if change.is_entry else stack.pop()
            change = next(changes, None)
        if window.least <= event.elapsed < window.end:
            stack = stacks.get(context, [])
            is_erase = event.kind is EventKind.ERASE
            yield FlashWrite(event.time_ns, is_erase, event.first, event.second, tuple(stack))
