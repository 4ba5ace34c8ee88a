"""A map of the flash: how often each build has erased and programmed each sector."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from emu.regress.compare.differences import Report
from emu.regress.compare.measurement import Measurement, Partition, SectorCounts
from emu.regress.compare.pictures.svg import AFTER, BEFORE, WIDTH, box, legend, picture, text
from peripherals.nor_flash import SECTOR_SIZE

_LEFT: Final = 170
_STRIP: Final = 16
_ROW: Final = 52
_TOP: Final = 30
_NOTHING: Final = SectorCounts("", 0, 0)


def draw(report: Report) -> str:
    """A row for each partition that was changed, sectors from left to right; empty if none was."""
    builds = report.before, report.after
    sectors = sorted({int(offset, 16) for build in builds for offset in build.flash})
    if not sectors:
        return ""
    most = max(_operations(build, offset) for build in builds for offset in sectors)
    shapes = [*legend(report.names, 16), text(WIDTH - 4, 16, "dark: often", 'text-anchor="end"')]
    rows = list(_rows(report, sectors))
    for number, (name, partition) in enumerate(rows):
        top = _TOP + number * _ROW
        count = -(-partition.size_bytes // SECTOR_SIZE)
        shapes += [text(4, top + 12, name), text(4, top + 26, _size(partition), 'opacity=".7"')]
        step = (WIDTH - 4 - _LEFT) / count
        shapes.append(box(_LEFT, top, WIDTH - 4 - _LEFT, 2 * _STRIP + 2, "#f0f0ee"))
        for offset in sectors:
            if partition.offset <= offset < partition.offset + partition.size_bytes:
                x = _LEFT + (offset - partition.offset) // SECTOR_SIZE * step
                shapes += _sector(builds, offset, (x, top, max(step, 2.0)), most)
    return picture(_TOP + len(rows) * _ROW, shapes)


def _rows(report: Report, sectors: list[int]) -> Iterator[tuple[str, Partition]]:
    """Partitions by their offsets; what is outside of them is a row from the first sector to the last."""
    known = {**report.before.partitions, **report.after.partitions}
    found: dict[str, Partition] = {}
    for offset in sectors:
        name = next(
            (
                build.flash[f"{offset:#x}"].partition
                for build in (report.before, report.after)
                if f"{offset:#x}" in build.flash
            ),
            "",
        )
        begin = found[name].offset if name in found else offset
        found[name] = known.get(name, Partition(begin, offset + SECTOR_SIZE - begin))
    for name, partition in found.items():
        yield name or "outside of partitions", partition


def _sector(
    builds: tuple[Measurement, Measurement], offset: int, place: tuple[float, float, float], most: int
) -> Iterator[str]:
    x, top, width = place
    before, after = (build.flash.get(f"{offset:#x}", _NOTHING) for build in builds)
    counts = (f"erased {before.erases} → {after.erases}", f"programmed {before.programs} → {after.programs}")
    title = f"{offset:#x}: {', '.join(counts)}"
    for number, (build, colour) in enumerate(zip(builds, (BEFORE, AFTER), strict=True)):
        if done := _operations(build, offset):
            shade = f'fill-opacity="{0.25 + 0.75 * done / most:.2f}"'
            yield box(x, top + number * (_STRIP + 2), width, _STRIP, colour, title, shade)
    if before != after:
        yield box(x, top - 1, width, 2 * _STRIP + 4, "none", title, 'stroke="#222" pointer-events="none"')


def _operations(build: Measurement, offset: int) -> int:
    counts = build.flash.get(f"{offset:#x}", _NOTHING)
    return counts.erases + counts.programs


def _size(partition: Partition) -> str:
    return f"{partition.offset:#x}, {partition.size_bytes >> 10:,} KB"
