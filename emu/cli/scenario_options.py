"""What is done with builds that are compared: a scenario file, or a text to wait for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emu.cli.run import DURATION

if TYPE_CHECKING:
    from emu.regress.scenario import Scenario

FILE = click.Path(path_type=Path)
DEFAULT_TIME_NS = 10_000_000_000
Command = Callable[..., Any]


def scenario_options(command: Command) -> Command:
    """Add the options that `take_scenario` takes."""
    for option in reversed(
        (
            click.option("--scenario", type=FILE, help="Do what this file says (docs/compare.md)."),
            click.option("--expect", help="Run until UART 0 has sent this text, a regular expression."),
            click.option("--max-time", type=DURATION, help="Run for so long. [default: 10s with --expect]"),
        )
    ):
        command = option(command)
    return command


def take_scenario(scenario: Path | None, expect: str | None, max_time: int | None) -> Scenario:
    """The scenario that is asked for."""
    from emu.machine import Machine
    from emu.regress.scenario import Scenario, load_scenario

    if scenario is not None:
        if expect is not None or max_time is not None:
            raise click.UsageError("--scenario says it all: leave out --expect and --max-time")
        return load_scenario(scenario)
    if expect is None and max_time is None:
        raise click.UsageError("what are the builds to do? --scenario FILE, --expect TEXT or --max-time TIME")
    time_ns = DEFAULT_TIME_NS if max_time is None else max_time

    def story(machine: Machine) -> object:
        if expect is None:
            return machine.run(time_ns)
        return machine.uart0.expect(expect, time_ns / 1e9)

    return Scenario("run", None, {}, story, lambda machine: None)
