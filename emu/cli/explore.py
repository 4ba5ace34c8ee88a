"""`w800emu explore`: looks for faults that a firmware does not survive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from emu.cli.exit_code import ExitCode
from emu.cli.search import FILE, search, search_options

KIND_NAMES = (
    *("line", "input", "reset", "power", "interrupt", "stall", "watchdog", "clock", "flash", "network"),
    *("frame", "image"),
)  # those of emu.regress.explore.kinds, which is not loaded for help


@click.command("explore")
@click.argument("scenario", type=FILE, required=False)
@click.option("--faults", type=click.Choice(KIND_NAMES), multiple=True, help="Only these (repeatable).")
@click.option("--image", type=FILE, help="Have this .img or .fls file, mutated, installed, too.")
@search_options
def command(scenario: Path | None, faults: tuple[str, ...], image: Path | None, **options: Any) -> ExitCode:
    """Go through SCENARIO, a Python file (docs/explore.md), again and again, with faults on the way.

    Without it: the built-in update. Faults and inputs that lead to new code are followed up. Each crash,
    hang, reset loop or brick is told once, with the fewest faults that show it. The exit code is 1 if there
    is one.
    """
    return search(scenario, faults or KIND_NAMES, image=image, **options)
