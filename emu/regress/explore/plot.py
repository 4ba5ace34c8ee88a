"""Coverage over time as a picture."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from emu.regress.explore.team import Sample, State

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 800, 320, 70, 20, 50
_STYLE: Final = "text{font:13px system-ui,sans-serif;fill:#555}.title{font-weight:bold}.now{fill:#c62828}"
_TICKS: Final = 5


def plot_of(state: State) -> str:
    """An SVG file: how much was executed over the executions, with marks at findings."""
    most = max(state.executions, 1)
    first, last = state.samples[0].places, max(state.places, state.samples[0].places + 1)
    samples = [*state.samples, Sample(state.executions, state.seconds, state.places)]

    def x(executions: int) -> float:
        return _LEFT + (_WIDTH - _LEFT - 20) * executions / most

    def y(places: int) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * (places - first) / (last - first)

    way = f"M{x(0):.1f} {y(first):.1f}"
    for one in samples:
        way += f"H{x(one.executions):.1f}V{y(one.places):.1f}"
    shapes = [f'<path d="{way}" fill="none" stroke="#2a6fb0" stroke-width="2"/>']
    for step in range(_TICKS + 1):
        shapes += _tick(x(most * step // _TICKS), f"{most * step // _TICKS:,}", is_below=True)
        places = first + (last - first) * step // _TICKS
        shapes += _tick(y(places), f"{places:,}", is_below=False)
    for number, finding in enumerate(state.findings, 1):
        at = x(min(finding.executions, most))
        title = f"<title>{number}: {escape(str(finding.outcome))}</title>"
        shapes.append(f'<circle class="now" cx="{at:.1f}" cy="{_TOP:.1f}" r="5">{title}</circle>')
    heading = f"{state.executions:,} executions, {len(state.findings)} findings"
    shapes.append(f'<text class="title" x="{_LEFT}" y="14">{heading}</text>')
    shapes.append(f'<text x="{_WIDTH // 2}" y="{_HEIGHT - 8}">executions</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">'
        f"<title>instructions and ways of branches over executions</title><style>{_STYLE}</style>"
        f"{''.join(shapes)}</svg>\n"
    )


def _tick(at: float, text: str, *, is_below: bool) -> Iterator[str]:
    floor = _HEIGHT - _BOTTOM
    if is_below:
        yield f'<text x="{at:.1f}" y="{floor + 18}" text-anchor="middle">{text}</text>'
        yield f'<path d="M{at:.1f} {_TOP}V{floor}" stroke="#8884"/>'
    else:
        yield f'<text x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{text}</text>'
        yield f'<path d="M{_LEFT} {at:.1f}H{_WIDTH - 20}" stroke="#8884"/>'
