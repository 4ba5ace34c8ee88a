"""Coverage as lcov's tracefile, which genhtml makes pages of (geninfo(1), FILES)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emu.trace.coverage.by_file import FileCoverage, by_file
from emu.trace.coverage.source_coverage import Coverage, coverage_of
from emu.trace.selection import Selection
from emu.trace.views.view import Write, WriteText

if TYPE_CHECKING:
    from emu.trace.trace import Trace


def write_lcov(coverage: Coverage, write: WriteText) -> None:
    """A record for each source file."""
    for each in by_file(coverage):
        write("TN:\n" + "".join(f"{line}\n" for line in _record(each)))


def _record(each: FileCoverage) -> list[str]:
    lines = [f"SF:{each.path}"]
    for name, (line, _) in each.functions.items():
        lines.append(f"FN:{line},{name}")
    for name, (_, entered) in each.functions.items():
        lines.append(f"FNDA:{entered},{name}")
    hit = sum(entered > 0 for _, entered in each.functions.values())
    lines += [f"FNF:{len(each.functions)}", f"FNH:{hit}"]
    ways = 0
    for line, branches in each.branches.items():
        for block, branch in enumerate(branches):
            ways += sum(way > 0 for way in branch)
            for number, way in enumerate(branch):
                lines.append(f"BRDA:{line},{block},{number},{way if any(branch) else '-'}")
    lines += [f"BRF:{2 * sum(map(len, each.branches.values()))}", f"BRH:{ways}"]
    lines += [f"DA:{line},{number}" for line, number in each.lines.items()]
    hit = sum(number > 0 for number in each.lines.values())
    return [*lines, f"LF:{len(each.lines)}", f"LH:{hit}", "end_of_record"]


def show(trace: Trace, selection: Selection, write: Write) -> None:
    """See `View.show`."""
    from emu.trace.coverage.counting import count  # with numpy, which writing does without

    write_lcov(coverage_of(count(trace, selection.window), selection), write)
