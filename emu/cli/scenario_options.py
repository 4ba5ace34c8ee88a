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
STEPS_TIME_NS = 60_000_000_000
Command = Callable[..., Any]


def scenario_options(command: Command) -> Command:
    """Add the options that `take_scenario` takes."""
    for option in reversed(
        (
            click.option("--scenario", type=FILE, help="Do what this file says (docs/compare.md)."),
            click.option("--expect", help="Run until UART 0 has sent this text, a regular expression."),
            click.option(
                "--max-time",
                type=DURATION,
                help="Run for so long. [default: 10s with --expect, 60s with TOML]",
            ),
        )
    ):
        command = option(command)
    return command


def take_scenario(scenario: Path | None, expect: str | None, max_time: int | None) -> Scenario:
    """The scenario that is asked for."""
    from emu.machine import Machine
    from emu.regress.scenario import Scenario, load_scenario

    if scenario is not None:
        if scenario.suffix == ".toml" and expect is None:
            return _steps_of(scenario, STEPS_TIME_NS if max_time is None else max_time)
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

    name = f"--max-time {time_ns / 1e9:g}s" if expect is None else f"--expect {expect}"
    return Scenario(name, None, {}, story, lambda machine: None)


def _steps_of(path: Path, time_ns: int) -> Scenario:
    """The steps of a TOML file, as `w800emu run --scenario` takes them."""
    from emu.cli.script_options import read_steps
    from emu.cli.script_runner import ScriptRunner
    from emu.machine import Machine
    from emu.regress.scenario import Scenario

    steps = read_steps(path)

    def story(machine: Machine) -> None:
        runner = ScriptRunner(machine, machine, [steps], ends=True)
        result = runner.run(time_ns)
        if runner.failure:
            raise AssertionError(runner.failure)
        if not runner.has_ended_run:
            waits = f", waiting for {runner.waits_for}" if runner.waits_for else ""
            raise AssertionError(f"{path} has not come to its end{waits}: {result}")

    return Scenario(path.stem, None, {}, story, lambda machine: None, path)
