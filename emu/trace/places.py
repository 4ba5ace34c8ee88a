"""Places in a trace by what happens there: a time, a text, a call, an instruction, a task, a reset."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import Final

import numpy as np

from emu.quantities import parse_duration
from emu.trace.calls import CallFinder, Switch
from emu.trace.layout import EventKind
from emu.trace.trace import Trace
from emu.trace.window import EVERYTHING, Window

FORMS: Final = "TIME, text:TEXT, call:FUNCTION, return:FUNCTION, pc:ADDRESS, context:NAME, reset"
"""How a place is said; all but the first with `#N` behind them are the N-th one."""
_PLACE: Final = re.compile(
    r"(text|call|return|pc|context):(.+?)(?:#(\d{1,9}))?|(reset)(?:#(\d{1,9}))?", re.DOTALL
)
_OFFSET: Final = re.compile(r"(.+?)(?:\+(0[xX][0-9a-fA-F]{1,8}|\d{1,9}))?")


class PlaceError(ValueError):
    """There is no such place."""


def find_window(trace: Trace, begin: str | None, end: str | None) -> Window:
    """From one place to another; None: from the beginning, to the end. An end of `+TIME` is so much later.

    PlaceError as for `find_place`.
    """
    least = EVERYTHING.least if begin is None else find_place(trace, begin)
    if end is None:
        return Window(least, EVERYTHING.end)
    if end.startswith("+"):
        from_ns = trace.times.begin_ns(max(least, trace.begins.elapsed))
        return Window(least, trace.times.elapsed(from_ns + _duration_ns(end[1:])))
    return Window(least, find_place(trace, end))


def find_place(trace: Trace, place: str) -> int:
    """What has elapsed at a place; PlaceError for one that is said wrongly, or that does not come."""
    match = _PLACE.fullmatch(place)
    if match is None:
        return trace.times.elapsed(_duration_ns(place))
    what, number = match[1] or match[4], int(match[3] or match[5] or 1)
    for count, elapsed in enumerate(_FINDERS[what](trace, match[2] or ""), 1):
        if count == number:
            return elapsed
    raise PlaceError(f"{place!r} does not come in this trace")


def _duration_ns(text: str) -> int:
    try:
        return parse_duration(text)
    except ValueError:
        raise PlaceError(f"{text!r} is none of {FORMS}") from None


def _texts(trace: Trace, text: str) -> Iterator[int]:
    """Where the last byte of a text is sent, by any UART."""
    wanted = text.encode()
    latest: dict[int, bytes] = {}
    for event in trace.events():
        if event.kind is EventKind.UART:
            sent = latest.get(event.first, b"") + bytes((event.second,))
            latest[event.first] = sent[-len(wanted) :]
            if latest[event.first] == wanted:
                yield event.elapsed


def _calls(trace: Trace, pattern: str) -> Iterator[int]:
    return _changes(trace, pattern, is_entry=True)


def _returns(trace: Trace, pattern: str) -> Iterator[int]:
    return _changes(trace, pattern, is_entry=False)


def _changes(trace: Trace, pattern: str, *, is_entry: bool) -> Iterator[int]:
    for change in CallFinder(trace).changes():
        if change.is_entry is is_entry and fnmatchcase(change.function.name, pattern):
            yield change.elapsed


def _instructions(trace: Trace, where: str) -> Iterator[int]:
    """Where a straight line begins that an instruction is executed in: at an address, or behind a symbol."""
    addresses = _addresses(trace, where)
    for part in trace.parts():
        has_it = [not addresses.isdisjoint(line.addresses) for line in part.lines]
        is_met = np.array([*has_it, False], dtype=bool)[part.line_numbers]
        yield from part.elapsed[is_met].tolist()


def _addresses(trace: Trace, where: str) -> set[int]:
    """An address, or those of a symbol of all programs."""
    match = _OFFSET.fullmatch(where)
    assert match is not None
    offset = int(match[2] or "0", 0)
    try:
        return {int(match[1], 0) + offset}
    except ValueError:
        pass
    tables = [program.symbols for program in trace.names.programs]
    found = {table[match[1]].address + offset for table in tables if match[1] in table}
    if not found:
        raise PlaceError(f"pc:{where}: there is no symbol {match[1]!r}")
    return found


def _contexts(trace: Trace, pattern: str) -> Iterator[int]:
    """Where a task or handler goes on."""
    for step in CallFinder(trace).steps():
        if isinstance(step, Switch) and fnmatchcase(trace.context_name(step.context), pattern):
            yield step.elapsed


def _resets(trace: Trace, _: str) -> Iterator[int]:
    return (event.elapsed for event in trace.events() if event.kind is EventKind.RESET)


_FINDERS: Final[dict[str, Callable[[Trace, str], Iterator[int]]]] = {
    "text": _texts,
    "call": _calls,
    "return": _returns,
    "pc": _instructions,
    "context": _contexts,
    "reset": _resets,
}
