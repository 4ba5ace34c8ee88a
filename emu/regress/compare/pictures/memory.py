"""Memory over time: what is free of the heap, and the most that was used of each stack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from emu.regress.compare.differences import Report
from emu.regress.compare.measurement import Measurement
from emu.regress.compare.pictures.svg import AFTER, BEFORE, WIDTH, legend, picture, text

_LEFT: Final = 170
_PANEL: Final = 56
_GAP: Final = 16
_TOP: Final = 28
_RIGHT: Final = WIDTH - 4
_PENS: Final = (
    f'stroke="{BEFORE}" stroke-width="4" stroke-opacity=".5"',
    f'stroke="{AFTER}" stroke-width="1.5"',
)
"""The second one can be seen on the first."""


_Curve = list[tuple[int, int]]
"""(time in nanoseconds, bytes), the earliest first."""


class _Scale(NamedTuple):
    """Where a panel has a time and a number of bytes."""

    begin_ns: int
    end_ns: int
    low: int
    high: int
    top: float

    def x(self, time_ns: int) -> float:
        """The place of a time."""
        return _LEFT + (_RIGHT - _LEFT) * (time_ns - self.begin_ns) / (self.end_ns - self.begin_ns or 1)

    def y(self, size_bytes: int) -> float:
        """The place of a number."""
        return self.top + _PANEL - (_PANEL - 6) * (size_bytes - self.low) / (self.high - self.low or 1)


def draw(report: Report) -> str:
    """A panel for each; empty if nothing is known of memory."""
    builds = report.before, report.after
    curves = [dict(_curves(build)) for build in builds]
    names = list(dict.fromkeys([*curves[0], *curves[1]]))
    if not names:
        return ""
    begin_ns = min(curve[0][0] for each in curves for curve in each.values())
    end_ns = max(build.time_ns for build in builds)
    shapes = legend(report.names, 16)
    for number, name in enumerate(names):
        top = _TOP + number * (_PANEL + _GAP)
        found = [each.get(name, []) for each in curves]
        values = [value for curve in found for _, value in curve]
        low, high = min(values), max(values)
        scale = _Scale(begin_ns, end_ns, low if 2 * low > high > low else 0, high, top)
        shapes += [text(4, top + 12, name), text(4, top + 26, _range(low, high), 'opacity=".7"')]
        shapes.append(f'<path d="M{_LEFT} {top}v{_PANEL}H{_RIGHT}" fill="none" stroke="#999"/>')
        for curve, build, pen in zip(found, builds, _PENS, strict=True):
            shapes += _line(curve, build.time_ns, scale, pen)
    bottom = _TOP + len(names) * (_PANEL + _GAP)
    shapes += [
        text(_LEFT, bottom, f"{begin_ns / 1e6:,.1f} ms"),
        text(_RIGHT, bottom, f"{end_ns / 1e6:,.1f} ms", 'text-anchor="end"'),
    ]
    return picture(bottom + 8, shapes)


def _range(low: int, high: int) -> str:
    return f"{low:,} to {high:,} bytes" if low != high else f"{high:,} bytes"


def _curves(build: Measurement) -> Iterator[tuple[str, _Curve]]:
    heap = [(each.time_ns, each.heap_free) for each in build.memory if each.heap_free is not None]
    if heap:
        yield "heap, free", heap
    for name in sorted({name for each in build.memory for name in each.stacks}):
        used = [(each.time_ns, each.stacks[name]) for each in build.memory if name in each.stacks]
        yield f"stack of {name}", used


def _line(curve: _Curve, end_ns: int, scale: _Scale, pen: str) -> Iterator[str]:
    """In steps: between two looks nothing is known to have changed."""
    if curve:
        steps = "".join(f"H{scale.x(at):.1f}V{scale.y(value):.1f}" for at, value in curve[1:])
        begin = f"M{scale.x(curve[0][0]):.1f} {scale.y(curve[0][1]):.1f}"
        yield f'<path d="{begin}{steps}H{scale.x(end_ns):.1f}" fill="none" {pen}/>'
