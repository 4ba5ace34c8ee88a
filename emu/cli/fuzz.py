"""`w800emu fuzz`: looks for inputs that a firmware does not survive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from emu.cli.exit_code import ExitCode
from emu.cli.search import FILE, search, search_options


@click.command("fuzz")
@click.argument("scenario", type=FILE, required=False)
@click.option(
    "--uart", "uarts", type=click.IntRange(0, 5), multiple=True, help="Bytes on this UART (repeatable)."
)
@click.option("--image", type=FILE, help="This .img or .fls file, mutated, to be installed.")
@click.option("--frames", is_flag=True, help="The frames of the scenario's network, mutated.")
@search_options
def command(
    scenario: Path | None, uarts: tuple[int, ...], image: Path | None, frames: bool, **options: Any
) -> ExitCode:
    """Go through SCENARIO, a Python file (docs/explore.md), again and again, with other inputs.

    Without --uart, --image and --frames: other bytes on the UARTs that it talks on. They are made of what
    comes in anyway and of the firmware's texts; those that lead to new code are followed up.
    """
    kinds = [kind for kind, is_wanted in (("image", image), ("frame", frames), ("input", uarts)) if is_wanted]
    return search(scenario, kinds or ["input"], uarts=uarts, image=image, **options)
