"""A flame graph as an SVG picture: a box for each stack of calls, as wide as what it has executed.

Callers are below those whom they call, functions from left to right by name, as Brendan Gregg's flame graphs
have them. A box tells more when the pointer rests on it.
"""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape
from zlib import crc32

from emu.trace.call_tree import CallNode, CallTree
from emu.trace.selection import Selection
from emu.trace.trace import Trace
from emu.trace.views.view import Write

WIDTH: Final = 1200
ROW: Final = 18
_LETTER: Final = 6.6  # wide, about
_NARROWEST: Final = 0.5  # of a box that is drawn
_TITLE: Final = 26


class _Box:
    """Stacks of the same names are one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.total = 0
        self.boxes: dict[str, _Box] = {}

    def add(self, node: CallNode) -> None:
        """What a node and those below it have executed."""
        self.total += node.own
        for callee in node.callees.values():
            box = self.boxes.setdefault(callee.function.name, _Box(callee.function.name))
            before = box.total
            box.add(callee)
            self.total += box.total - before

    @property
    def depth(self) -> int:
        """Rows that it takes."""
        return 1 + max((box.depth for box in self.boxes.values()), default=0)


def show(trace: Trace, selection: Selection, write: Write) -> None:
    """See `View.show`."""
    everything = _Box("all")
    for context, root in CallTree(trace, selection).contexts.items():
        name = trace.context_name(context)
        box = everything.boxes.setdefault(name, _Box(name))
        before = box.total
        box.add(root)
        everything.total += box.total - before
    height = everything.depth * ROW + _TITLE
    write(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="monospace" '
        f'font-size="11">\n<rect width="100%" height="100%" fill="#fff"/>\n'
        f'<text x="4" y="16" font-size="13">{everything.total:,} instructions</text>\n'
    )
    if everything.total:
        _draw(everything, 0.0, height - ROW, WIDTH / everything.total, write)
    write("</svg>\n")


def _draw(box: _Box, left: float, top: int, scale: float, write: Write) -> None:
    width = box.total * scale
    if width < _NARROWEST:
        return
    name, share = escape(box.name), box.total * scale / WIDTH
    letters = int((width - 4) / _LETTER)
    shown = (
        escape(box.name if len(box.name) <= letters else f"{box.name[: letters - 1]}…") if letters > 2 else ""
    )
    write(
        f"<g><title>{name}: {box.total:,} instructions, {share:.1%}</title>"
        f'<rect x="{left:.1f}" y="{top}" width="{max(width - 0.3, 0.3):.1f}" height="{ROW - 1}" rx="1" '
        f'fill="{_color(box.name)}"/>'
        + (f'<text x="{left + 3:.1f}" y="{top + 12}">{shown}</text>' if shown else "")
        + "</g>\n"
    )
    for each in sorted(box.boxes.values(), key=lambda each: each.name):
        _draw(each, left, top - ROW, scale, write)
        left += each.total * scale


def _color(name: str) -> str:
    """The same for the same name: warm, as flames are."""
    number = crc32(name.encode())
    return f"hsl({number % 50 + 8},{70 + number // 50 % 25}%,{60 + number // 1250 % 15}%)"
