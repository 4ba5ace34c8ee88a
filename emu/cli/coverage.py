"""`w800emu coverage`: what of the source was executed in several runs."""

from __future__ import annotations

from pathlib import Path

import click

from emu.host.output_file import OutputFile


@click.command("coverage")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option(
    *("--format", "form"),
    type=click.Choice(("lcov", "gcovr")),
    default="lcov",
    show_default=True,
    help="Which program is to read it: lcov's tracefile, or gcovr's JSON.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file.")
@click.option(
    "--line",
    metavar="PATH:LINE",
    help="Print which tests have come to it, from what pytest --w800-coverage-tests has written.",
)
def command(files: tuple[Path, ...], form: str, output: Path | None, line: str | None) -> None:
    """Add up which lines, functions and branches some runs have come to.

    FILE... are what `run --coverage` has written, or traces, which also tell how often. The ELF files of the
    programs tell what was executed: release images need no instrumentation. In an update, old and new app
    have their share. With --line it is one FILE, which tells of tests.
    """
    if (output is None) == (line is None):
        raise click.UsageError("give one of -o FILE and --line PATH:LINE")
    if line is not None:
        _tell_tests(files, line)
    else:
        assert output is not None
        _add_up(files, form, output)


def _tell_tests(files: tuple[Path, ...], line: str) -> None:
    from emu.trace.coverage.by_test import tests_at

    if len(files) != 1:
        raise click.UsageError("--line: give the one FILE that pytest --w800-coverage-tests has written")
    for name in tests_at(files[0], line):
        click.echo(name)


def _add_up(files: tuple[Path, ...], form: str, output: Path) -> None:
    import emu.trace

    traces = [emu.trace.open(file) for file in files]
    from emu.trace.coverage.counting import count
    from emu.trace.coverage.executed import Executed
    from emu.trace.coverage.source_coverage import coverage_of
    from emu.trace.views.gcovr import write_gcovr
    from emu.trace.views.lcov import write_lcov

    executed = sum(map(count, traces), Executed())
    written = OutputFile(output)
    try:
        write = {"lcov": write_lcov, "gcovr": write_gcovr}[form]
        write(coverage_of(executed), lambda text: written.write(text.encode()))
    finally:
        written.close()
