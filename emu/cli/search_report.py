"""How a search tells what it does: as text, or as JSON, an object a line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from emu.escape import as_argument

if TYPE_CHECKING:
    from emu.regress.explore.explorer import Finding
    from emu.regress.explore.team import State


class SearchReport(NamedTuple):
    """What tells of each step."""

    progress: Callable[[State], None]
    finding: Callable[[int, Finding, Path | None], None]
    """With its number, and its recording if there is one."""
    end: Callable[[State], None]


def progress_of(state: State) -> str:
    """A line."""
    speed = f"{state.executions:,} executions, {state.per_second:.0f} a second"
    return f"{speed}, {state.places:,} instructions and ways of branches, {len(state.findings)} findings"


def _show_progress(state: State) -> None:
    """On a terminal only, where it is written over."""
    if sys.stderr is not None and sys.stderr.isatty():
        sys.stderr.write(f"\r{progress_of(state):<78}\r")
        sys.stderr.flush()


def _show_finding(number: int, finding: Finding, path: Path | None) -> None:
    click.echo(f"{number}. {finding.outcome}")
    for fault in finding.faults:
        click.echo(f"   {fault}")
    if path is not None:
        click.echo(f"   w800emu replay {as_argument(path)}")


def _show_end(state: State) -> None:
    click.echo(progress_of(state))


def _line(kind: str, **what: Any) -> None:
    import json  # who asks for help does without

    click.echo(json.dumps({"kind": kind, **what}))


def _progress_line(state: State) -> None:
    _line("progress", **state.summary(), seconds=round(state.seconds, 1), findings=len(state.findings))


def _finding_line(number: int, finding: Finding, path: Path | None) -> None:
    _line("finding", number=number, **finding.to_dict(), recording=path and str(path))


def _end_line(state: State) -> None:
    _line("end", **state.to_dict())


TEXT: Final = SearchReport(_show_progress, _show_finding, _show_end)
LINES: Final = SearchReport(_progress_line, _finding_line, _end_line)
