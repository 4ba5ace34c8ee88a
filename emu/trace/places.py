"""Places in a trace by what happens there: a time, a text, a call, a reset."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from emu.quantities import parse_duration
from emu.trace.calls import CallFinder
from emu.trace.flow import EVERYTHING, Window
from emu.trace.layout import EventKind
from emu.trace.trace import Trace

FORMS: Final = "TIME, text:TEXT, call:FUNCTION, reset"
"""How a place is said; the last three with `#N` behind them are the N-th one."""
_PLACE: Final = re.compile(r"(text|call):(.+?)(?:#(\d{1,9}))?|(reset)(?:#(\d{1,9}))?", re.DOTALL)


class PlaceError(ValueError):
    """There is no such place."""


def find_window(trace: Trace, begin: str | None, end: str | None) -> Window:
    """From one place to another; None: from the beginning, to the end. PlaceError as for `find_place`."""
    least = EVERYTHING.least if begin is None else find_place(trace, begin)
    return Window(least, EVERYTHING.end if end is None else find_place(trace, end))


def find_place(trace: Trace, place: str) -> int:
    """What has elapsed at a place; PlaceError for one that is said wrongly, or that does not come."""
    match = _PLACE.fullmatch(place)
    if match is None:
        try:
            return trace.times.elapsed(parse_duration(place))
        except ValueError:
            raise PlaceError(f"{place!r} is none of {FORMS}") from None
    what, number = match[1] or match[4], int(match[3] or match[5] or 1)
    found = {"text": _texts, "call": _calls, "reset": _resets}[what](trace, match[2] or "")
    for count, elapsed in enumerate(found, 1):
        if count == number:
            return elapsed
    raise PlaceError(f"{place!r} does not come in this trace")


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
    for change in CallFinder(trace).changes():
        if change.is_entry and fnmatchcase(change.function.name, pattern):
            yield change.elapsed


def _resets(trace: Trace, _: str) -> Iterator[int]:
    return (event.elapsed for event in trace.events() if event.kind is EventKind.RESET)
