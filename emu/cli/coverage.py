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
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Write to this file.")
def command(files: tuple[Path, ...], form: str, output: Path) -> None:
    """Add up which lines, functions and branches some runs have come to.

    FILE... are what `run --coverage` has written, or traces, which also tell how often. The ELF files of the
    programs tell what was executed: release images need no instrumentation. In an update, old and new app
    have their share.
    """
    import emu.trace

    traces = [emu.trace.open(file) for file in files]
    from emu.trace.coverage.counting import Executed, count
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
