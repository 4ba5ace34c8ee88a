"""The call tree as text: a line for each entry of a function, with the time, indented."""

from __future__ import annotations

from collections import Counter

from emu.trace.calls import CallFinder
from emu.trace.selection import Selection
from emu.trace.trace import Trace
from emu.trace.views.view import Write


def show(trace: Trace, selection: Selection, write: Write) -> None:
    """See `View.show`."""
    depths: Counter[int] = Counter()
    latest: int | None = None
    for elapsed, _, is_entry, context, function in CallFinder(trace).changes(selection.window):
        if not is_entry:
            depths[context] -= 1
            continue
        depths[context] += 1
        if not selection.has_function(function):
            continue
        if context != latest:
            latest = context
            write(f"-- {trace.context_name(context)}\n")
        indent = "  " * (depths[context] - 1)
        write(f"{trace.times.begin_ns(elapsed):>14} {indent}{function.name}\n")
