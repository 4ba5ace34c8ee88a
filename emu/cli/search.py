"""What `w800emu explore` and `w800emu fuzz` have in common."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emu.cli.exit_code import ExitCode
from emu.cli.run import DURATION
from emu.cli.text_file import write_text

if TYPE_CHECKING:
    from emu.regress.explore.branches import Branches
    from emu.regress.explore.explorer import Finding
    from emu.regress.explore.team import Job, State, Team

FILE = click.Path(path_type=Path)
_NS = 1_000_000_000


def search_options(function: Any) -> Any:
    """What both commands take."""
    for option in reversed(
        (
            click.option(
                "--time", type=DURATION, help="Look for so long (1m, unless --executions is given)."
            ),
            click.option("--executions", type=click.IntRange(1), help="End after so many executions."),
            click.option("--seed", type=int, default=0, show_default=True, help="Of what is drawn by lot."),
            click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes."),
            click.option(
                "-o", "--output", type=FILE, help="Write a recording of each finding to this folder."
            ),
            click.option("--plot", type=FILE, help="Write coverage over time as a picture (SVG)."),
            click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON."),
        )
    ):
        function = option(function)
    return function


def search(
    scenario: Path | None,
    kinds: Sequence[str],
    uarts: tuple[int, ...] = (),
    image: Path | None = None,
    **options: Any,
) -> ExitCode:
    """Look until the time is over."""
    from emu.loader.files import read_file
    from emu.regress.explore.images import check_image
    from emu.regress.explore.team import Job, Limits

    contents = None
    if image is not None:
        contents = read_file(image)
        check_image(contents, str(image))
    output: Path | None = options["output"]
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
    job = Job(scenario, tuple(kinds), options["seed"], uarts, contents)
    branches = job.branches()
    time_ns = options["time"]
    if time_ns is None and options["executions"] is None:
        time_ns = 60 * _NS
    limits = Limits(None if time_ns is None else time_ns / _NS, options["executions"])
    with _team(job, branches, options["jobs"]) as team:
        for number, finding in enumerate(team.explore(limits, _show_progress), 1):
            path = None
            if output is not None:
                path = output / f"{finding.outcome.verdict.replace(' ', '-')}-{number}.rec"
                branches.record(finding.faults, path)
            if not options["as_json"]:
                _tell(number, finding, path)
        _tell_end(team.state, options["plot"], as_json=options["as_json"])
    return ExitCode.FAILURE if team.state.findings else ExitCode.SUCCESS


@contextmanager
def _team(job: Job, branches: Branches, jobs: int) -> Iterator[Team]:
    from emu.regress.explore.team import Local, Remote, Team, explorer_of

    own = explorer_of(job, branches)
    if jobs == 1:
        yield Team(own, [Local(own)])
        return
    members = [Remote(job, number) for number in range(jobs)]
    try:
        yield Team(own, members)
    finally:
        for member in members:
            member.close()


def _show_progress(state: State) -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        sys.stderr.write(f"\r{progress_of(state):<78}\r")
        sys.stderr.flush()


def progress_of(state: State) -> str:
    """A line."""
    speed = f"{state.executions:,} executions, {state.per_second:.0f} a second"
    return f"{speed}, {state.places:,} instructions and ways of branches, {len(state.findings)} findings"


def _tell(number: int, finding: Finding, path: Path | None) -> None:
    click.echo(f"{number}. {finding.outcome}")
    for fault in finding.faults:
        click.echo(f"   {fault}")
    if path is not None:
        click.echo(f"   w800emu replay {path}")


def _tell_end(state: State, plot: Path | None, *, as_json: bool) -> None:
    if plot is not None:
        from emu.regress.explore.plot import plot_of

        write_text(plot, plot_of(state))
    if as_json:
        import json

        click.echo(json.dumps(state.to_dict(), indent=1))
    else:
        click.echo(progress_of(state))
