"""The call tree as text: a line for each entry of a function, with the time, indented."""

from __future__ import annotations

from collections import Counter

from emu.trace.calls import CallFinder
from emu.trace.flow import Window
from emu.trace.trace import Trace
from emu.trace.views.view import View, Write


def _show(trace: Trace, window: Window, write: Write) -> None:
    depths: Counter[int] = Counter()
    context = None
    for change in CallFinder(trace).changes(window):
        if not change.is_entry:
            depths[change.context] -= 1
            continue
        if change.context != context:
            context = change.context
            write(f"-- {trace.context_name(change.context)}\n")
        time_ns = trace.times.time_ns(change.elapsed)
        write(f"{time_ns:>14} {'  ' * depths[change.context]}{change.function.name}\n")
        depths[change.context] += 1


VIEW = View("calls", "an indented line for each call", _show)
