"""Coverage in the order in which files of it are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from emu.trace.coverage.source_coverage import BranchCount, Coverage, FunctionCount


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """That of a source file, sorted."""

    path: str
    lines: dict[int, int] = field(default_factory=dict)
    functions: dict[str, FunctionCount] = field(default_factory=dict)
    branches: dict[int, list[BranchCount]] = field(default_factory=dict)
    """By line, in the order of functions and positions in them."""


def by_file(coverage: Coverage) -> Iterator[FileCoverage]:
    """All files, by their paths."""
    files: dict[str, FileCoverage] = {}
    for (path, line), number in sorted(coverage.lines.items()):
        files.setdefault(path, FileCoverage(path)).lines[line] = number
    functions = sorted(
        coverage.functions.items(), key=lambda each: (each[0].path, each[1].line, each[0].name)
    )
    for (path, name), function in functions:
        files.setdefault(path, FileCoverage(path)).functions[name] = function
    for (place, _, _), branch in sorted(coverage.branches.items()):
        files.setdefault(place.path, FileCoverage(place.path)).branches.setdefault(place.line, []).append(
            branch
        )
    yield from files.values()
