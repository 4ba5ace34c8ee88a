"""`w800emu board`: what boards there are, and whether a board file is right."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emu.cli.text_type import TextType
from emu.host.message import tell
from emu.quantities import parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from emu.boards import BoardFile, BoardPart
    from emu.machine import Machine

FILE = click.Path(path_type=Path)
DURATION = TextType(parse_duration)


class StepError(Exception):
    """Something is not as a step of the scenario expects."""


@click.group("board")
def command() -> None:
    """Show boards and parts, and check board files (docs/parts.md)."""


@command.command("list")
def list_boards() -> int:
    """List the boards that ship with the emulator."""
    from emu.boards import board_names, read_board  # the help of all commands needs none of it

    for name in board_names():
        click.echo(f"{name:<16}{read_board(name).description}")
    return 0


@command.command("parts")
@click.argument("kind", required=False)
def list_parts(kind: str | None) -> int:
    """List the kinds of parts, or the wires and settings of one."""
    from emu.parts.table import part_kind, part_kinds
    from emu.parts.wiring import roles_of

    if kind is None:
        kinds = part_kinds()
        width = max(map(len, kinds)) + 2
        for name, part in sorted(kinds.items()):
            click.echo(f"{name:<{width}}{(part.__doc__ or '').splitlines()[0]}")
        return 0
    part = part_kind(kind)
    click.echo((part.__doc__ or "").splitlines()[0])
    click.echo(f"wires: {', '.join(roles_of(part))}")
    for name, setting in part.declared_settings():
        click.echo(f"{name} = {setting.shown(setting.default)}: {setting.doc}; {setting.wanted}")
    return 0


@command.command("check")
@click.argument("board")
@click.option("--run", "firmware", type=FILE, help="Run this firmware on it several times, and compare.")
@click.option("--time", "time_ns", type=DURATION, default="1s", show_default=True, help="How long.")
@click.option("--scenario", type=FILE, help="Take the steps of this file meanwhile: what has parts used.")
def check(board: str, firmware: Path | None, time_ns: int, scenario: Path | None) -> int:
    """Check BOARD, a file or a name, and show what is on it.

    With --run its parts have to be deterministic: all runs come to the same state.
    """
    from emu.boards import read_board
    from emu.machine import Machine
    from emu.machine.assembly import fit_board

    found = read_board(board)
    with Machine.load() as machine:
        fit_board(machine, board)  # parts can find fault with their wires
    _show(found)
    if firmware is None:
        return 0
    from emu.machine.determinism import difference_of_processes, first_difference  # take the whole emulator

    runner_of = partial(_runner, scenario=scenario)
    try:
        difference = first_difference(firmware, board, time_ns, runner_of)
        difference = difference or difference_of_processes(firmware, board, time_ns, runner_of)
    except StepError as error:
        tell(f"error: {error}")
        return 1
    click.echo(difference or f"all runs of {time_ns / 1e9:g} s came to the same state")
    return 1 if difference else 0


def _show(found: BoardFile) -> None:
    """List the parts, and what is odd about their wires."""
    click.echo(f"{found.name}: {found.description or 'no description'}")
    for part in found.parts:
        click.echo(f"  {part.name:<12} {part.kind.kind:<14} {_wires(part)}")
    for pin, names in _shared_pins(found).items():
        click.echo(f"  {pin} is wired to {' and '.join(names)}")
    for uart, names in _shared_uarts(found).items():
        click.echo(f"  {' and '.join(names)} are at the same {uart}, and send over each other")
    for address, names in _shared_addresses(found).items():
        click.echo(f"  {' and '.join(names)} answer at the same address {address:#04x}")


def _runner(machine: Machine, scenario: Path | None) -> Callable[[int], None]:
    """What lets a machine run, and takes the steps of a file; StepError for what is not as they expect."""
    from emu.cli.script_options import read_steps
    from emu.cli.script_runner import ScriptRunner

    steps = () if scenario is None else read_steps(scenario)
    script = ScriptRunner(machine, machine, [steps], ends=False)

    def run(time_ns: int) -> None:
        script.run(time_ns)
        if script.failure:
            raise StepError(script.failure)

    return run


def _wires(part: BoardPart) -> str:
    return ", ".join(f"{role} {pin}" for role, pin in part.wires.items())


def _shared_pins(board: BoardFile) -> dict[str, list[str]]:
    """Pins with several parts, or wires of one; parts of a bus are meant to share its pins."""
    names: dict[str, dict[str, list[str]]] = {}
    for part in board.parts:
        for role, pin in part.wires.items():
            if role != "bus":
                names.setdefault(pin, {}).setdefault(part.name, []).append(role)
    bus_roles = {"scl", "sda", "sck", "mosi", "miso", "data"}
    shared: dict[str, list[str]] = {}
    for pin, found in names.items():
        is_twice = any(len(roles) > 1 for roles in found.values())
        if is_twice or sum(not bus_roles.issuperset(roles) for roles in found.values()) > 1:
            shared[pin] = [
                f"{name} ({' and '.join(roles)})" if len(roles) > 1 else name for name, roles in found.items()
            ]
    return shared


def _shared_uarts(board: BoardFile) -> dict[str, list[str]]:
    """UARTs with several parts."""
    names: dict[str, list[str]] = {}
    for part in board.parts:
        if part.kind.bus == "uart":
            names.setdefault(part.wires["bus"], []).append(part.name)
    return {uart: found for uart, found in names.items() if len(found) > 1}


def _shared_addresses(board: BoardFile) -> dict[int, list[str]]:
    """Addresses of I2C at which several parts of the same wires answer, each over the others."""
    from emu.parts.i2c_bus import I2cPart

    names: dict[tuple[int, tuple[str | None, ...]], list[str]] = {}
    for part in board.parts:
        if isinstance(made := part.make(), I2cPart):
            wires = tuple(part.wires.get(role) for role in ("bus", "scl", "sda"))
            names.setdefault((made.address, wires), []).append(part.name)
    return {address: found for (address, _), found in names.items() if len(found) > 1}
