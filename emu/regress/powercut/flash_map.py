"""The flash operations of a story as a picture: which comes when, where, and what a cut of it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from emu.regress.powercut.outcome import Verdict
from emu.regress.powercut.report import SweepReport
from emu.regress.powercut.story import Place
from peripherals.nor_flash import SECTOR_SIZE, touched_sectors

COLOURS: Final = {
    Verdict.GOOD: "#3a8f4d",
    Verdict.BROKEN: "#b8860b",
    Verdict.HANG: "#c05a00",
    Verdict.CRASH: "#8e3ab0",
    Verdict.RESET_LOOP: "#5f4bb6",
    Verdict.BRICK: "#c62828",
}
"""The worse, the later."""
_WIDTH, _HEIGHT, _LEFT = 1000, 320, 130
_GAP: Final = 14
_STYLE: Final = "<style>text { fill: gray; font: 11px sans-serif }</style>"
"""Where no page has a better one."""


def flash_map(report: SweepReport) -> str:
    """An SVG element: operations from left to right, sectors from top to bottom, partitions apart."""
    if not report.operations:
        return ""
    worst = _worst(report)
    rows = list(_partitions(report.operations))
    sectors = sum(count for _, _, count in rows)
    scale = (_HEIGHT - _GAP * len(rows)) / sectors
    step = (_WIDTH - _LEFT) / len(report.operations)
    shapes, top = [], float(_GAP)
    for name, first, count in rows:
        height = count * scale
        shapes.append(
            f'<rect x="{_LEFT}" y="{top:.1f}" width="{_WIDTH - _LEFT}" height="{height:.1f}" fill="#8882"/>'
        )
        shapes.append(f'<text x="0" y="{top + 10:.1f}">{escape(name)} {first:#x}</text>')
        for place in report.operations:
            if place.partition == name and first <= place.offset < first + count * SECTOR_SIZE:
                y = top + (place.offset - first) / SECTOR_SIZE * scale
                shapes.append(_mark(place, y, max(scale, 3), step, worst))
        top += height + _GAP
    legend = _legend({*worst.values()}, top)
    box = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top + 18:.0f}" role="img"'
    return f"<svg {box}>{_STYLE}{''.join([*shapes, *legend])}</svg>"


def _worst(report: SweepReport) -> dict[int, Verdict]:
    """Of each operation."""
    order = list(COLOURS)
    worst: dict[int, Verdict] = {}
    for entry in report.entries:
        if not entry.is_second:
            number, verdict = entry.place.number, entry.outcome.verdict
            worst[number] = max(worst.get(number, Verdict.GOOD), verdict, key=order.index)
    return worst


def _partitions(operations: Sequence[Place]) -> Iterator[tuple[str, int, int]]:
    """Name, first offset and number of sectors of the parts of the flash that are written."""
    names = dict.fromkeys(place.partition for place in sorted(operations, key=lambda place: place.offset))
    for name in names:
        touched = [place for place in operations if place.partition == name]
        first = min(place.offset for place in touched)
        end = max(place.offset + place.size_bytes for place in touched)
        sectors = touched_sectors(first, end - first)
        yield name, sectors.start, len(sectors)


def _mark(place: Place, y: float, height: float, step: float, worst: dict[int, Verdict]) -> str:
    verdict = worst.get(place.number)
    colour = "#8888" if verdict is None else COLOURS[verdict]
    x, width = _LEFT + (place.number - 1) * step, max(step, 1.5)
    if verdict not in (None, Verdict.GOOD):  # seen from far
        x, y, width, height = x - 2, y - 2, width + 4, height + 4
    title = escape(f"{place}: {verdict.value if verdict else 'not cut'}")
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}">'
        f"<title>{title}</title></rect>"
    )


def _legend(verdicts: set[Verdict], top: float) -> Iterator[str]:
    x = _LEFT
    for verdict, colour in COLOURS.items():
        if verdict in verdicts:
            yield f'<rect x="{x}" y="{top:.1f}" width="10" height="10" fill="{colour}"/>'
            yield f'<text x="{x + 14}" y="{top + 9:.1f}">{verdict.value}</text>'
            x += 90
