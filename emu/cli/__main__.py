"""Entry point of `w800emu`: finds the sub-command; makes one line and an exit code of every error."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from emu.cli.exit_code import ExitCode

COMMANDS = ("run", "image", "disasm", "isa", "bench", "info")


class LazyGroup(click.Group):
    """Imports `emu.cli.<name>` when the sub-command is used: start-up pays for one of them only."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, without importing anything."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command object that the module of this name calls `command`."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"emu.cli.{cmd_name}").command
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="w800emu", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show the Python traceback of an error.")
def w800emu(debug: bool) -> None:
    """Run the unmodified firmware of WinnerMicro W800-family chips."""


def run_command_line(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; errors go to stderr as one line."""
    try:
        return w800emu.main(list(arguments), prog_name="w800emu", standalone_mode=False) or ExitCode.SUCCESS
    except BrokenPipeError:
        # Whoever read our output has gone. Python would complain again when it flushes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.FAILURE
    except click.Abort:
        click.echo("w800emu: interrupted", err=True)
        return ExitCode.INTERRUPTED
    except Exception as error:  # the last resort: the user sees a line, not a traceback
        if "--debug" in arguments:
            raise
        click.echo(f"w800emu: error: {describe(error)}", err=True)
        return exit_code_of(error)


def describe(error: Exception) -> str:
    """One line for the user."""
    text = error.format_message() if isinstance(error, click.ClickException) else str(error)
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if not is_of_ours(error):
        text = f"internal error, {type(error).__name__}: {text} (`w800emu --debug ...` shows where)"
    return " ".join(text.split())


def exit_code_of(error: Exception) -> ExitCode:
    """Input that cannot be used is a usage error; anything unforeseen is a failure."""
    return ExitCode.USAGE if is_of_ours(error) else ExitCode.FAILURE


def is_of_ours(error: Exception) -> bool:
    """Whether the error was raised on purpose, with a message meant for the user."""
    return isinstance(error, (click.ClickException, OSError)) or type(error).__module__.split(".")[0] in (
        "emu",
        "peripherals",
        "roms",
    )


def main() -> NoReturn:
    """What the `w800emu` script calls."""
    sys.exit(run_command_line(sys.argv[1:]))


if __name__ == "__main__":
    main()
