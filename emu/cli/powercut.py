"""`w800emu powercut`: cuts the power at every flash operation of a story, and starts the device again."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emu.cli.exit_code import ExitCode
from emu.cli.run import gdb_option
from emu.cli.text_file import write_text
from emu.cli.text_type import TextType
from emu.escape import as_argument
from emu.host.message import tell

if TYPE_CHECKING:
    from emu.machine import Machine
    from emu.regress.powercut.device import Device
    from emu.regress.powercut.report import SweepReport

FILE = click.Path(path_type=Path)
SWEEP = "sweep"
SAMPLE = 200
"""Second cuts, if none are asked for."""


def _shard(text: str) -> tuple[int, int]:
    number, slash, count = text.partition("/")
    if not slash or not number.isdecimal() or not count.isdecimal() or not 1 <= int(number) <= int(count):
        raise ValueError(f"{text!r} is no shard such as 2/4")
    return int(number), int(count)


def _models(text: str) -> frozenset[str]:
    from emu.regress.powercut.torn import NAMES

    names = frozenset(text.split(",")) - {"none"}
    if unknown := names - set(NAMES):
        raise ValueError(f"{', '.join(sorted(unknown))}: there are {', '.join(NAMES)}, none")
    return names


def _torn(command: Any) -> Any:
    """Options that decide what a cut leaves."""
    command = click.option(
        *("--torn", "models"),
        type=TextType(_models),
        metavar="NAMES",
        help="How operations are left half done: prefix,bits,unstable,zeros or none. [default: all]",
    )(command)
    return click.option(
        "--seed", type=int, default=0, show_default=True, help="Draw half-done bits from it."
    )(command)


class PowercutGroup(click.Group):
    """`powercut [SCENARIO]` is the sweep; `powercut replay ID` is a command of its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Have the sweep meant where no command is named."""
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = [SWEEP, *args]
        return super().parse_args(ctx, args)


@click.group("powercut", cls=PowercutGroup)
def command() -> None:
    """Cut the power at every flash operation of a story, and start the device again from what is left.

    `w800emu powercut [SCENARIO]` makes all cuts (`w800emu powercut sweep --help`); without a scenario
    those of the built-in update. `w800emu powercut replay ID [SCENARIO]` shows one of them.
    """


@command.command(SWEEP)
@click.argument("scenario", type=FILE, required=False)
@_torn
@click.option("--depth", type=click.IntRange(1, 2), default=1, show_default=True, help="2: also second cuts.")
@click.option("--sample", type=click.IntRange(1), help=f"Make so many second cuts. [default: {SAMPLE}]")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Use so many processes.")
@click.option("--cluster", metavar="ADDRESS", help="Use the Dask cluster whose scheduler is there.")
@click.option("--shard", type=TextType(_shard), metavar="I/N", help="Make only this part of all cuts.")
@click.option("--results", type=FILE, help="Keep outcomes in this SQLite file, and go on from those in it.")
@click.option("--baseline", type=FILE, help="JSON of an earlier sweep: cuts that are bad there may be bad.")
@click.option("--html", type=FILE, help="Write a page with a map of the flash to this file.")
@click.option("--svg", type=FILE, help="Write the map alone, a picture, to this file.")
@click.option("--junit", type=FILE, help="Write a JUnit report to this file.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def sweep(scenario: Path | None, baseline: Path | None, **options: Any) -> ExitCode:
    """Make all cuts of SCENARIO, a Python file (docs/power-cuts.md), or of the built-in update.

    The exit code is 1 if a device does not come out of one as the scenario's check wants it.
    """
    from emu.regress.powercut.baseline import read_baseline
    from emu.regress.powercut.flash_map import flash_map
    from emu.regress.powercut.junit import junit_of
    from emu.regress.powercut.page import page_of
    from emu.regress.powercut.text import lines_of

    known = frozenset() if baseline is None else read_baseline(baseline)
    report = replace(_swept(scenario, options), known=known)
    if options["as_json"]:
        import json

        click.echo(json.dumps(report.to_dict(), indent=1))
    else:
        click.echo("\n".join(lines_of(report)))
    for name, form in (("html", page_of), ("svg", flash_map), ("junit", junit_of)):
        if options[name] is not None:
            write_text(options[name], form(report))
    return ExitCode.FAILURE if report.new else ExitCode.SUCCESS


def _swept(scenario: Path | None, options: dict[str, Any]) -> SweepReport:
    from emu.regress.powercut.options import SweepOptions
    from emu.regress.powercut.results import Nothing, Results
    from emu.regress.powercut.sweep import Sweep

    if options["sample"] is not None and options["depth"] == 1:
        raise click.UsageError("--sample is about second cuts: give --depth 2, too")
    second_cuts = (options["sample"] or SAMPLE) if options["depth"] == 2 else 0
    if options["cluster"] and options["jobs"] > 1:
        raise click.UsageError("--jobs and --cluster: give one of them")
    asked = SweepOptions(second_cuts, options["jobs"], options["cluster"] or "", options["shard"] or (1, 1))
    device = _device(scenario, options["models"], options["seed"])
    try:
        made = Sweep(device, asked)
        progress = _Progress()
        if options["results"] is None:
            return made.run(Nothing(), progress)
        with Results(options["results"], made.key) as kept:
            return made.run(kept, progress)
    finally:
        device.close()


def _device(scenario: Path | None, models: frozenset[str] | None, seed: int, *, merge: bool = True) -> Device:
    from emu.regress.powercut.device import Device
    from emu.regress.powercut.options import CutOptions
    from emu.regress.scenario import load_scenario

    options = CutOptions(seed=seed, merge=merge)
    return Device(load_scenario(scenario), options if models is None else replace(options, models=models))


class _Progress:
    """A line that is written over, on a terminal."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr is not None and sys.stderr.isatty()
        self._begin_s = time.monotonic()

    def __call__(self, done: int, total: int, bad: int) -> None:
        if not self._is_shown:
            return
        per_second = done / max(time.monotonic() - self._begin_s, 1e-9)
        text = f"{done:,} of {total:,} different flash contents, {per_second:.0f} a second, {bad} bad"
        sys.stderr.write(f"\r{text:<78}" + ("\n" if done == total else ""))
        sys.stderr.flush()


@command.command("replay")
@click.argument("cut", metavar="ID")
@click.argument("scenario", type=FILE, required=False)
@_torn
@click.option("--record", type=FILE, help="Write a recording of the start behind it, for `w800emu replay`.")
@gdb_option("Do not check: let gdb attach to the device whose power has just come back.")
def replay(
    cut: str, scenario: Path | None, record: Path | None, gdb: int | None, seed: int, models: Any
) -> ExitCode:
    """Cut the power once, as ID says, and show how the device starts from what that leaves.

    SCENARIO and seed are those of the sweep. The exit code is 1 if the check fails.
    """
    from emu.regress.powercut.cut import Cut
    from emu.regress.powercut.outcome import Verdict
    from emu.regress.powercut.replay import told_of

    wanted = Cut.parse(cut)
    device = _device(scenario, models, seed, merge=False)
    try:
        left = device.left(wanted)
        click.echo(told_of(left, device))
        device.start(left)
        if gdb is not None:
            _debug(device.machine, gdb)
            return ExitCode.SUCCESS
        outcome = device.check()
        click.echo(device.machine.uart0.text)
        tell(str(outcome))
        if record is not None:
            device.machine.save_recording(record)
            tell(f"the start is recorded: w800emu replay {as_argument(record)}")
    finally:
        device.close()
    return ExitCode.SUCCESS if outcome.verdict is Verdict.GOOD else ExitCode.FAILURE


def _debug(machine: Machine, port: int) -> None:
    """Let gdb have the device, until its user kills it."""
    from emu.cli.gdb_server import gdb_server, serve

    with gdb_server(machine, port, tell, waits=True) as server:
        serve(server)
