"""`w800emu compare`: the same scenario on two builds, and all that differs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emu.cli.exit_code import ExitCode
from emu.cli.machine_options import machine_options, take_machine_options
from emu.cli.measuring import measured, take_measuring
from emu.cli.scenario_options import scenario_options
from emu.cli.text_file import make_folder, write_text

if TYPE_CHECKING:
    from emu.regress.compare.differences import Report
    from emu.regress.compare.limits import Limits

FILE = click.Path(path_type=Path)


@click.command("compare")
@click.argument("first", type=FILE, metavar="A")
@click.argument("second", type=FILE, metavar="B")
@scenario_options
@click.option("--limits", "limits_file", type=FILE, help="What may differ, a rule a line (docs/compare.md).")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option("--markdown", is_flag=True, help="Print it as Markdown, for a pull request.")
@click.option("--html", type=FILE, help="Write a page to look at to this file, too.")
@click.option("--pictures", type=FILE, help="Write the pictures of the page to this folder, as SVG.")
@click.option("--save", type=FILE, help="Write what was measured of B to this file: a baseline.")
@machine_options
def command(
    first: Path, second: Path, save: Path | None, limits_file: Path | None, **options: Any
) -> ExitCode:
    """Compare the builds A and B: each a firmware, or a baseline that --save has written.

    Both go through the same scenario. It tells what messages, times, functions, stacks, flash operations and
    sizes have become. The exit code is 1 if there is a difference that the limits do not allow.
    """
    from emu.regress.compare.differences import compare
    from emu.regress.compare.text import lines_of, markdown_of

    as_json, markdown = options.pop("as_json"), options.pop("markdown")
    html, pictures = options.pop("html"), options.pop("pictures")
    limits = read_given_limits(limits_file)
    chosen = {name: options.pop(name) for name in ("scenario", "expect", "max_time")}
    machine: dict[str, Any] = {**take_machine_options(options)}
    measuring = take_measuring(**chosen)
    one, two = (measured(measuring, path, machine) for path in (first, second))
    if one.scenario != two.scenario:
        click.echo(
            f"note: {first} has gone through {one.scenario!r}, {second} through {two.scenario!r}", err=True
        )
    report = compare(one, two, limits)
    if as_json:
        import json

        click.echo(json.dumps(report.to_dict(), indent=1))
    else:
        click.echo(markdown_of(report).rstrip() if markdown else "\n".join(lines_of(report)))
    if save is not None:
        write_text(save, two.to_json())
    write_pictures(report, html, pictures)
    return ExitCode.FAILURE if report.counting else ExitCode.SUCCESS


def write_pictures(report: Report, page: Path | None, folder: Path | None) -> None:
    """A page, and a folder of the pictures in it, as far as they are wanted."""
    if page is not None:
        from emu.regress.compare.page import page_of

        write_text(page, page_of(report))
    if folder is not None:
        from emu.regress.compare.pictures.table import PICTURES

        make_folder(folder)
        for picture in PICTURES:
            if drawn := picture.draw(report):
                write_text(folder / f"{picture.name}.svg", drawn)


def read_given_limits(path: Path | None) -> Limits:
    """Those of a file; without one, none."""
    from emu.regress.compare.limits import Limits, read_limits

    return Limits() if path is None else read_limits(path)
