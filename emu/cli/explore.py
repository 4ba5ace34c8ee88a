"""`w800emu explore` and `w800emu fuzz`: look for faults and inputs that a firmware does not survive."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emu.cli.exit_code import ExitCode
from emu.cli.run import DURATION

if TYPE_CHECKING:
    from emu.regress.explore.explorer import Explorer, Finding, State

FILE = click.Path(path_type=Path)
KIND_NAMES = ("line", "reset", "power", "flash", "input")
_SHOW_EVERY_S = 0.5


def search_options(function: Any) -> Any:
    """What both commands take."""
    for option in reversed(
        (
            click.option("--time", type=DURATION, default="1m", show_default=True, help="Look for so long."),
            click.option("--executions", type=click.IntRange(1), help="End after so many executions."),
            click.option("--seed", type=int, default=0, show_default=True, help="Of what is drawn by lot."),
            click.option("-o", "--output", type=FILE, help="Write a recording of each finding here."),
            click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON."),
        )
    ):
        function = option(function)
    return function


@click.command("explore")
@click.argument("scenario", type=FILE)
@click.option("--faults", type=click.Choice(KIND_NAMES), multiple=True, help="Only these (repeatable).")
@search_options
def command(scenario: Path, faults: tuple[str, ...], **options: Any) -> ExitCode:
    """Go through SCENARIO, a Python file (docs/explore.md), again and again, with faults on the way.

    Faults and inputs that lead to new code are followed up. Each crash, hang, reset loop or brick is told
    once, with the fewest faults that show it. The exit code is 1 if there is one.
    """
    return search(scenario, faults or KIND_NAMES, **options)


def search(scenario: Path, kinds: Sequence[str], **options: Any) -> ExitCode:
    """Look until the time is over."""
    from emu.regress.explore.branches import Branches
    from emu.regress.explore.explorer import Explorer
    from emu.regress.scenario import load_scenario

    output: Path | None = options["output"]
    as_json: bool = options["as_json"]
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
    branches = Branches(load_scenario(scenario))
    explorer = Explorer(branches, options["seed"], kinds)
    limit = _Limit(options["time"] / 1e9, options["executions"])
    for number, finding in enumerate(explorer.explore(limit.goes_on), 1):
        path = None
        if output is not None:
            path = output / f"{finding.outcome.verdict.replace(' ', '-')}-{number}.rec"
            branches.record(finding.faults, path)
        if not as_json:
            _tell(number, finding, path)
    _tell_end(explorer, as_json=as_json)
    return ExitCode.FAILURE if explorer.state.findings else ExitCode.SUCCESS


class _Limit:
    """When to end; shows meanwhile how far it is."""

    def __init__(self, time_s: float, executions: int | None) -> None:
        self._end_s = time.monotonic() + time_s
        self._executions = executions
        self._shown_s = 0.0

    def goes_on(self, state: State) -> bool:
        """Whether there is time left."""
        now_s = time.monotonic()
        if sys.stderr is not None and sys.stderr.isatty() and now_s > self._shown_s + _SHOW_EVERY_S:
            self._shown_s = now_s
            sys.stderr.write(f"\r{progress_of(state):<78}")
            sys.stderr.flush()
        return now_s < self._end_s and (self._executions is None or state.executions < self._executions)


def progress_of(state: State) -> str:
    """A line."""
    speed = f"{state.executions:,} executions, {state.per_second:.0f} a second"
    return f"{speed}, {state.places:,} pieces of code and branches, {len(state.findings)} findings"


def _tell(number: int, finding: Finding, path: Path | None) -> None:
    click.echo(f"{number}. {finding.outcome}")
    for fault in finding.faults:
        click.echo(f"   {fault}")
    if path is not None:
        click.echo(f"   w800emu replay {path}")


def _tell_end(explorer: Explorer, *, as_json: bool) -> None:
    state = explorer.state
    if as_json:
        import json

        findings = [finding.to_dict() for finding in state.findings]
        numbers = {"executions": state.executions, "per_second": state.per_second, "places": state.places}
        click.echo(json.dumps({**numbers, "coverage": explorer.coverage, "findings": findings}, indent=1))
    else:
        click.echo(progress_of(state))
