"""Coverage as JSON for gcovr, which makes reports of it ("JSON Format Reference" in its documentation)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from emu.trace.coverage.by_file import FileCoverage, by_file
from emu.trace.coverage.source_coverage import BranchCount, Coverage, coverage_of
from emu.trace.selection import Selection
from emu.trace.views.view import Write, WriteText

if TYPE_CHECKING:
    from emu.trace.trace import Trace

FORMAT_VERSION: Final = "0.15"
"""That of gcovr 8.8; each gcovr reads only its own."""


def write_gcovr(coverage: Coverage, write: WriteText) -> None:
    """One JSON object."""
    files = [_file(each) for each in by_file(coverage)]
    write(json.dumps({"gcovr/format_version": FORMAT_VERSION, "files": files}, indent=1) + "\n")


def _file(each: FileCoverage) -> dict[str, Any]:
    lines = [
        {"line_number": line, "count": number, "branches": _branches(each.branches.get(line, []))}
        for line, number in each.lines.items()
    ]
    functions = [
        {"name": name, "demangled_name": name, "lineno": line, "execution_count": entered}
        for name, (line, entered) in each.functions.items()
    ]
    return {"file": each.path, "lines": lines, "functions": functions}


def _branches(branches: list[BranchCount]) -> list[dict[str, Any]]:
    """Both ways of each: to its target, and on behind it."""
    return [
        {
            "branchno": 2 * number + falls_through,
            "count": way,
            "fallthrough": bool(falls_through),
            "throw": False,
            "source_block_id": number,
        }
        for number, branch in enumerate(branches)
        for falls_through, way in enumerate(branch)
    ]


def show(trace: Trace, selection: Selection, write: Write) -> None:
    """See `View.show`."""
    from emu.trace.coverage.counting import count  # with numpy, which writing does without

    write_gcovr(coverage_of(count(trace, selection.window), selection), write)
