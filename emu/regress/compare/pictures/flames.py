"""The flame graphs of both builds as one: what has become more is red, what has become less is blue.

A box is as wide as the stack of calls needs in the build where it has executed more, so that what is gone
shows, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from emu.regress.compare.differences import Report
from emu.regress.compare.pictures.svg import WIDTH, box, picture, shortened, text

_ROW: Final = 18
_TOP: Final = 26
_NARROWEST: Final = 0.7  # of a box that is drawn
_MORE: Final = (238, 102, 68)
_LESS: Final = (68, 136, 238)


class _Stack:
    """Calls of the same function by the same callers, in both builds."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.own = [0, 0]
        self.callees: dict[str, _Stack] = {}

    def add(self, build: int, names: list[str], count: int) -> None:
        """Count instructions of a stack."""
        node = self
        for name in names:
            node = node.callees.setdefault(name, _Stack(name))
        node.own[build] += count

    def total(self, build: int) -> int:
        """With all that was called."""
        return self.own[build] + sum(each.total(build) for each in self.callees.values())

    @property
    def width(self) -> int:
        return max(self.own) + sum(each.width for each in self.callees.values())

    @property
    def depth(self) -> int:
        return 1 + max((each.depth for each in self.callees.values()), default=0)


def draw(report: Report) -> str:
    """Callers are below those whom they call; empty if nothing was executed."""
    root = _Stack("all")
    for build, measured in enumerate((report.before, report.after)):
        for stack, count in measured.calls.items():
            root.add(build, stack.split(";"), count)
    if not root.width:
        return ""
    height = root.depth * _ROW + _TOP
    heading = f"instructions: {_told(root)}; red: more than before, blue: fewer"
    shapes = [text(4, 16, heading, 'font-size="13"')]
    shapes += _boxes(root, 0.0, height - _ROW, WIDTH / root.width)
    return picture(height, shapes)


def _boxes(stack: _Stack, left: float, top: float, scale: float) -> Iterator[str]:
    width = stack.width * scale
    if width < _NARROWEST:
        return
    title = f"{stack.name}: {_told(stack)} instructions"
    yield box(left, top, max(width - 0.4, 0.4), _ROW - 1, _colour(stack), title, 'rx="1"')
    if shown := shortened(stack.name, width):
        yield text(left + 3, top + 12.5, shown, 'pointer-events="none"')
    for each in sorted(stack.callees.values(), key=lambda each: each.name):
        yield from _boxes(each, left, top - _ROW, scale)
        left += each.width * scale


def _told(stack: _Stack) -> str:
    before, after = stack.total(0), stack.total(1)
    percent = f" ({100 * (after - before) / before:+.1f} %)" if before and before != after else ""
    return f"{before:,}" if before == after else f"{before:,} → {after:,}{percent}"


def _colour(stack: _Stack) -> str:
    """The stronger, the more of it has changed."""
    before, after = stack.total(0), stack.total(1)
    if before == after:
        return "#e8e8e4"
    share = 0.2 + 0.8 * abs(after - before) / max(before, after)
    full = _MORE if after > before else _LESS
    return "#" + "".join(f"{round(255 + share * (channel - 255)):02x}" for channel in full)
