"""`w800emu bisect`: which of many builds was the first that differs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emu.cli.compare import read_given_limits
from emu.cli.exit_code import ExitCode
from emu.cli.machine_options import machine_options, take_machine_options
from emu.cli.measuring import Measuring, measured, take_measuring
from emu.cli.scenario_options import scenario_options

if TYPE_CHECKING:
    from emu.regress.compare.limits import Limits
    from emu.regress.compare.measurement import Measurement

FILE = click.Path(path_type=Path)


@click.command("bisect")
@click.argument("images", nargs=-1, type=FILE, metavar="[IMAGE...]")
@scenario_options
@click.option("--limits", "limits_file", type=FILE, help="What may differ, a rule a line (docs/compare.md).")
@click.option("--git", "revisions", metavar="A..B", help="Builds of these commits instead of images.")
@click.option("--build", help="The command that builds a commit, run in its work tree.")
@click.option("--image", type=FILE, help="The file that it makes, from the work tree on.")
@click.option("--repository", type=FILE, default=".", help="Where the commits are. [default: here]")
@machine_options
def command(images: tuple[Path, ...], limits_file: Path | None, **options: Any) -> ExitCode:
    """Find the first bad one of IMAGE..., the first of which is good, or of the commits of a git repository.

    Bad is a build that does not go through the scenario, or that differs from the first one by more than the
    limits allow. The exit code is 0 if it is found.
    """
    from emu.regress.compare.bisect import first_bad

    git = {name: options.pop(name) for name in ("revisions", "build", "image", "repository")}
    chosen = {name: options.pop(name) for name in ("scenario", "expect", "max_time")}
    judge = _Judge(
        take_measuring(**chosen), read_given_limits(limits_file), {**take_machine_options(options)}
    )
    if git["revisions"] is None:
        found, reason = first_bad(images, judge.of_image(images[0]) if images else judge, _tell)
        click.echo(f"the first bad one is {found}: {reason}")
        return ExitCode.SUCCESS
    if images or git["build"] is None or git["image"] is None:
        raise click.UsageError("--git needs --build COMMAND and --image FILE, and no images")
    _bisect_commits(judge, **git)
    return ExitCode.SUCCESS


def _bisect_commits(judge: _Judge, revisions: str, build: str, image: Path, repository: Path) -> None:
    from emu.regress.compare.bisect import first_bad
    from emu.regress.compare.commits import built, commits, subject

    known = commits(repository, revisions)
    with built(repository, known[0], build, image) as good:
        judge.of_image(good)

    def judged(commit: str) -> str:
        with built(repository, commit, build, image) as path:
            return judge(path)

    def tell(commit: str, reason: str) -> None:
        _tell(subject(repository, commit), reason)

    found, reason = first_bad(known, judged, tell)
    click.echo(f"the first bad one is {subject(repository, found)}: {reason}")


class _Judge:
    """Compares builds with a good one."""

    def __init__(self, measuring: Measuring, limits: Limits, options: dict[str, Any]) -> None:
        self._measuring, self._limits, self._options = measuring, limits, options
        self._good: Measurement | None = None

    def of_image(self, good: Path) -> _Judge:
        """Measure the good one."""
        self._good = measured(self._measuring, good, self._options)
        return self

    def __call__(self, path: Path) -> str:
        """Why a build is bad; empty if it is not."""
        from emu.machine import MachineError
        from emu.regress.compare.differences import compare

        assert self._good is not None
        try:
            found = measured(self._measuring, path, self._options)
        except MachineError as error:
            return str(error).partition("\n")[0]
        counting = compare(self._good, found, self._limits).counting
        return "; ".join(f"{each.kind} {each.name}: {each.text}" for each in counting[:3])


def _tell(build: object, reason: str) -> None:
    click.echo(f"{build}: {'bad: ' + reason if reason else 'good'}")
