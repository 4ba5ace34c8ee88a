"""What `w800emu explore` and `w800emu fuzz` have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emu.cli.exit_code import ExitCode
from emu.cli.run import DURATION
from emu.cli.search_report import LINES, TEXT
from emu.cli.text_file import make_folder, write_text

if TYPE_CHECKING:
    from emu.regress.explore.branches import Branches
    from emu.regress.explore.team import Job, Team

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
            click.option(
                "--json",
                "as_json",
                is_flag=True,
                help="Print progress and findings as JSON, an object a line.",
            ),
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
        make_folder(output)
    job = Job(scenario, tuple(kinds), options["seed"], uarts, contents)
    branches = job.branches()
    time_ns = options["time"]
    if time_ns is None and options["executions"] is None:
        time_ns = 60 * _NS
    limits = Limits(None if time_ns is None else time_ns / _NS, options["executions"])
    report = LINES if options["as_json"] else TEXT
    with _team(job, branches, options["jobs"]) as team:
        for number, finding in enumerate(team.explore(limits, report.progress), 1):
            path = None
            if output is not None:
                path = output / f"{finding.outcome.verdict.replace(' ', '-')}-{number}.rec"
                branches.record(finding.faults, path)
            report.finding(number, finding, path)
        report.end(team.state)
        if options["plot"] is not None:
            from emu.regress.explore.plot import plot_of

            write_text(options["plot"], plot_of(team.state))
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
