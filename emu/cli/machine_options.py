"""The options of a machine on the command line, made from their declaration."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, cast

import click

from emu.cli.text_type import TextType
from emu.options import MachineOptions, Option, declared_options

Command = Callable[..., Any]


def machine_options(command: Command) -> Command:
    """Add the options of `Machine.load`, under their names; None or empty: not given."""
    return machine_options_of(*(option.name for option in declared_options()))(command)


def machine_options_of(*names: str) -> Callable[[Command], Command]:
    """Add some of them only."""

    def add(command: Command) -> Command:
        for option in reversed(declared_options()):
            if option.name in names:
                command = _decorator(option)(command)
        return command

    return add


def take_machine_options(values: dict[str, Any], names: Collection[str] | None = None) -> MachineOptions:
    """Take those that were given out of the values of all options; `names`: there are only these."""
    declared = [option for option in declared_options() if names is None or option.name in names]
    taken = {option.name: _joined(option, values.pop(option.name)) for option in declared}
    return cast(MachineOptions, {name: value for name, value in taken.items() if value not in (None, ())})


def _joined(option: Option, value: Any) -> Any:
    try:
        return option.joined(value) if option.is_repeatable else value
    except ValueError as error:
        raise click.UsageError(f"--{option.text_name}: {error}") from None


def _decorator(option: Option) -> Callable[[Command], Command]:
    names = f"--{option.text_name}", option.name
    if option.text.meaning is not None:
        return click.option(
            *names, flag_value=option.text.meaning, is_flag=True, default=None, help=option.help
        )
    kind = click.Choice(option.choices) if option.choices else TextType(option.text.parse)
    metavar = option.text.metavar or None
    return click.option(*names, type=kind, metavar=metavar, multiple=option.is_repeatable, help=option.help)
