"""What a run is told and asked without Python: the options of `w800emu run`, and the steps they come to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from emu.cli.text_type import TextType
from emu.host.script_steps import Step, load_scenario, steps_of_options
from emu.host.text_pattern import parse_pattern, parse_sent
from emu.quantities import parse_duration

FILE = click.Path(path_type=Path)
DURATION = TextType(parse_duration)
PATTERN = TextType(parse_pattern)
SENT = TextType(parse_sent)
TEXT = "[uartN:]TEXT"

_OPTIONS = (
    click.option(
        "--expect",
        type=PATTERN,
        multiple=True,
        metavar=TEXT,
        help="End with 0 once UART0, or N, has printed it; /TEXT/ is a regular expression.",
    ),
    click.option(
        "--fail-on", type=PATTERN, multiple=True, metavar=TEXT, help="End with 1 when it is printed."
    ),
    click.option(
        "--send", type=SENT, multiple=True, metavar=TEXT, help=r"Send it to the UART: \r, \n, \xHH count."
    ),
    click.option(
        "--on", type=PATTERN, multiple=True, metavar=TEXT, help="When to --send: one for each, in order."
    ),
    click.option("--scenario", type=FILE, help="Take the steps of this TOML file, and end behind them."),
    click.option(
        "--quiet-end",
        type=DURATION,
        default="2s",
        show_default=True,
        metavar="TIME",
        help="End when the UART was quiet for so long behind the end of standard input.",
    ),
    click.option("--json", type=FILE, help="Write the result to this file."),
)


def script_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def take_steps(options: dict[str, Any]) -> tuple[Step, ...]:
    """The steps of the options, which are used up; click.UsageError for options that do not go together."""
    sent, awaited, scenario = options.pop("send"), options.pop("on"), options["scenario"]
    if scenario is not None and (sent or awaited):
        raise click.UsageError("--scenario has its own steps: leave --send and --on out")
    if scenario is not None:
        return read_steps(scenario)
    try:
        return steps_of_options(sent, awaited)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def read_steps(scenario: Path) -> tuple[Step, ...]:
    """Those of a TOML file; click.UsageError names the step that is wrong."""
    try:
        return load_scenario(scenario)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
