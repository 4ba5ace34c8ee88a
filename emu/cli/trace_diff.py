"""`w800emu trace-diff`: what two runs have done differently."""

from __future__ import annotations

from pathlib import Path

import click

from emu.cli.exit_code import ExitCode
from emu.cli.text_file import write_text

FILE = click.Path(path_type=Path)


@click.command("trace-diff")
@click.argument("first", type=FILE, metavar="A")
@click.argument("second", type=FILE, metavar="B")
@click.option(
    "--limits", "limits_file", type=FILE, help="What is no difference: a TOML file, see docs/trace-diff.md."
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option("--html", type=FILE, help="Write a page to look at to this file, too.")
def command(
    first: Path, second: Path, limits_file: Path | None, as_json: bool, html: Path | None
) -> ExitCode:
    """Compare the traces A and B, of the same build or of different ones.

    It tells where each task first goes another way, functions that were added, are gone, or are called more
    or less often, changed numbers of instructions, and changed flash operations. The exit code is 1 if there
    is a difference.
    """
    import emu.trace

    one, two = emu.trace.open(first), emu.trace.open(second)
    from emu.trace.diff.comparison import compare
    from emu.trace.diff.limits import NO_LIMITS, read_limits
    from emu.trace.diff.page import page_of
    from emu.trace.diff.text import lines_of

    limits = NO_LIMITS if limits_file is None else read_limits(limits_file)
    comparison = compare(one, two, limits)
    if html is not None:
        write_text(html, page_of(comparison))
    if as_json:
        import json

        click.echo(json.dumps(comparison.to_dict(), indent=1))
    else:
        click.echo("\n".join(lines_of(comparison)))
    return ExitCode.FAILURE if comparison.is_different else ExitCode.SUCCESS
