"""Each option of a machine is declared once: editors, the command line and the checks have it from there."""

from __future__ import annotations

import click
import pytest

import emu
from emu.cli.machine_options import take_machine_options
from emu.cli.run import command
from emu.options import MachineOptions, complete, declared_options

NAMES = [option.name for option in declared_options()]


def test_every_option_has_a_text_that_editors_and_the_command_line_show() -> None:
    assert all(option.help.endswith((".", "]", ")")) for option in declared_options())


def test_every_option_is_on_the_command_line() -> None:
    helps = {
        parameter.name: parameter.help for parameter in command.params if isinstance(parameter, click.Option)
    }
    assert {option.name: option.help for option in declared_options()}.items() <= helps.items()


def test_the_defaults_are_values_that_the_options_take() -> None:
    assert list(complete(complete({}))) == NAMES


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ([], {}),
        (["--psram", "8"], {"psram_size_bytes": 8 << 20}),
        (["--flash-size", "4M", "--seed", "0x10"], {"flash_size_bytes": 4 << 20, "seed": 16}),
        (["--no-cache", "--recent-branches"], {"cache": False, "recent_branches": True}),
        (["--crash", "continue", "--crash-grace", "1s"], {"on_crash": "continue", "crash_grace_ns": 10**9}),
        (["--cpi", "2"], {"cycles_per_instruction": 2}),
    ],
)
def test_the_command_line_gives_what_was_named_and_nothing_else(
    arguments: list[str], options: MachineOptions
) -> None:
    with command.make_context("run", arguments) as context:
        assert take_machine_options(context.params) == options


def test_wrong_types_are_seen_by_type_checkers_and_at_run_time() -> None:
    with pytest.raises(emu.MachineError, match="chip: 806 is none of str, None"):
        emu.Machine.load(chip=806)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="'cihp'; did you mean chip"):
        emu.Machine.load(cihp="w806")  # type: ignore[call-arg]
