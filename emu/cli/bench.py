"""`w800emu bench`: the speed of translated code against the limit that the stock Unicorn sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

import click

from emu.cli.exit_code import ExitCode
from emu.host.message import tell

if TYPE_CHECKING:
    from emu.bench.suite import Measurement, Program

_ROW = "{:<22}{:>8}{:>8}{:>11}{:>8}"


@click.command("bench")
@click.option("--only", metavar="NAME", multiple=True, help="Only this program (repeatable).")
@click.option(
    "--repeat", type=click.IntRange(min=1), default=3, show_default=True, help="Runs of each build."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON, when all are there.")
def command(only: tuple[str, ...], repeat: int, as_json: bool) -> ExitCode:
    """Run small C programs, each built for the W800 and for AArch64, and compare the times.

    The AArch64 builds run directly in Unicorn: translated W800 code cannot be much faster than that. The runs
    alternate, and the best of each counts. Times are CPU seconds of this process, translation not included.
    """
    from emu.bench.suite import BenchmarkError, measure

    measurements = (measure(program, repeat) for program in _chosen(only))
    try:
        if as_json:
            click.echo(_json(list(measurements)))
        else:
            for line in _table(measurements):
                click.echo(line)
    except BenchmarkError as error:
        tell(f"error: {error}")
        return ExitCode.FAILURE
    return ExitCode.SUCCESS


def _chosen(names: tuple[str, ...]) -> list[Program]:
    from emu.bench.suite import programs
    from emu.options import suggestion

    known = {program.name: program for program in programs()}
    for name in names:
        if name not in known:
            raise click.BadParameter(f"--only: no program is called {name!r}{suggestion(name, known)}")
    return [program for program in known.values() if not names or program.name in names]


def _table(measurements: Iterable[Measurement]) -> Iterator[str]:
    """A row when its program is measured, and the means of its group behind each group."""
    from emu.bench.suite import mean_ratio

    yield _ROW.format("", "W800 s", "MIPS", "AArch64 s", "ratio")
    everything: list[Measurement] = []
    for group, members in groupby(measurements, key=_group_of):
        yield group
        of_group = []
        for one in members:
            of_group.append(one)
            times = f"{one.w800_s:.3f}", f"{one.mips:.0f}", f"{one.aarch64_s:.3f}"
            yield _ROW.format(f"  {one.program.name}", *times, f"{one.ratio:.2f}")
        yield _ROW.format("  geometric mean", "", "", "", f"{mean_ratio(of_group):.2f}")
        everything += of_group
    yield _ROW.format("all, geometric mean", "", "", "", f"{mean_ratio(everything):.2f}")
    yield "(a ratio of 1.00 is the limit of the engine)"


def _json(measurements: list[Measurement]) -> str:
    import json

    from emu.bench.suite import mean_ratio

    rows = [
        {
            "group": one.program.group,
            "name": one.program.name,
            "w800_s": one.w800_s,
            "mips": one.mips,
            "aarch64_s": one.aarch64_s,
            "ratio": one.ratio,
        }
        for one in measurements
    ]
    means = {group: mean_ratio(members) for group, members in groupby(measurements, key=_group_of)}
    means["all"] = mean_ratio(measurements)
    return json.dumps({"programs": rows, "geometric_means": means}, indent=2)


def _group_of(measurement: Measurement) -> str:
    return measurement.program.group
