"""A line of text for each straight line of instructions: where control was, without what was done there."""

from __future__ import annotations

from emu.trace.lines import Line
from emu.trace.selection import Selection
from emu.trace.trace import Trace
from emu.trace.views.view import Write


def show(trace: Trace, selection: Selection, write: Write) -> None:
    """See `View.show`."""
    lines: list[Line] | None = None
    texts: dict[int, str] = {}  # empty: not wanted
    for part in trace.parts(selection.window):
        if part.lines is not lines:
            lines, texts = part.lines, {}
        for number, elapsed in zip(part.line_numbers.tolist(), part.elapsed.tolist(), strict=True):
            if number < 0:
                continue
            if number not in texts:
                line = part.lines[number]
                start = line.addresses[0]
                place = f"{start:08x}-{line.end:08x} {len(line.addresses):>4}"
                is_wanted = selection.has(start, trace.names.function(start, part.code))
                texts[number] = f"{place}  {trace.names.describe(start, part.code)}\n" if is_wanted else ""
            if texts[number]:
                write(f"{trace.times.begin_ns(elapsed):>14} {texts[number]}")
