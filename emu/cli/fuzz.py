"""`w800emu fuzz`: looks for inputs that a firmware does not survive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from emu.cli.exit_code import ExitCode
from emu.cli.explore import FILE, search, search_options


@click.command("fuzz")
@click.argument("scenario", type=FILE)
@search_options
def command(scenario: Path, **options: Any) -> ExitCode:
    """Go through SCENARIO again and again, with other bytes on the UARTs that it talks on.

    They are made of what the scenario sends and of the firmware's texts; those that lead to new code are
    followed up. It is `w800emu explore --faults input`.
    """
    return search(scenario, ("input",), **options)
