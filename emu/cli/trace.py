"""`w800emu trace`: shows what a run has executed."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emu.cli.text_type import TextType
from emu.host.output_file import OutputFile
from emu.quantities import parse_duration

if TYPE_CHECKING:
    from emu.trace.trace import Trace

TIME = TextType(parse_duration)


@click.command("trace")
@click.argument("file", type=click.Path(path_type=Path), metavar="TRACE")
@click.option("--format", "form", metavar="NAME", help="How to show it: see below. [default: a summary]")
@click.option("--from", "from_ns", type=TIME, metavar="TIME", help="Leave out what was before.")
@click.option("--to", "to_ns", type=TIME, metavar="TIME", help="Leave out what was later.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file.")
@click.option("--check", is_flag=True, help="Let the interpreter execute all of it again, and compare.")
def command(
    file: Path, form: str | None, from_ns: int | None, to_ns: int | None, output: Path | None, check: bool
) -> None:
    """Show TRACE, which `w800emu run --trace` has written, or a part of it between two virtual times.

    \b
    Formats: calls (an indented line for each call), ...
    """
    import emu.trace

    trace = emu.trace.open(file)
    from emu.trace.views.table import VIEWS

    if form is not None and form not in VIEWS:
        raise click.UsageError(f"--format: {form!r} is none of {', '.join(VIEWS)}")
    with ExitStack() as stack:
        if check:
            _check(trace)
        elif form is None:
            _summarise(trace)
        elif output is None:
            VIEWS[form].show(trace, trace.window(from_ns, to_ns), lambda text: click.echo(text, nl=False))
        else:
            written = OutputFile(output)
            stack.callback(written.close)
            VIEWS[form].show(trace, trace.window(from_ns, to_ns), lambda text: written.write(text.encode()))


def _check(trace: Trace) -> None:
    from emu.trace.check import check

    click.echo(f"{check(trace):,} instructions, each where the interpreter has executed it")


def _summarise(trace: Trace) -> None:
    end = trace.ends
    begin_s, end_s = (trace.times.time_ns(moment.elapsed) / 1e9 for moment in (trace.begins, end))
    executed = end.executed - trace.begins.executed
    click.echo(f"from {begin_s:.6f} s to {end_s:.6f} s, {executed:,} instructions")
    if not trace.is_whole:
        click.echo("cut off: what came later is not there")
    if trace.tasks:
        click.echo(f"tasks: {', '.join(dict.fromkeys(trace.tasks.values()))}")
