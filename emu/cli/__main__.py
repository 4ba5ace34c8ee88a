"""Entry point of `w800emu`: finds the sub-command; makes one line and an exit code of every error."""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn

import click

from emu.cli.ending_signals import EndingSignals, exit_code_of_signal, name_of
from emu.cli.exit_code import ExitCode
from emu.cli.lazy_group import LazyGroup
from emu.host.message import tell
from emu.host.output_file import STANDARD_OUTPUT

GARBAGE_THRESHOLD = 100_000
"""New objects until Python looks for garbage. Start-up makes less than that, nearly all of them to stay: with
the usual 700 it would look a hundred times, for nothing."""
COMMANDS = (
    *("run", "replay", "trace", "trace-diff", "coverage"),
    *("powercut", "compare", "bisect", "explore", "fuzz"),
    *("image", "disasm", "isa", "bench", "board", "info", "wm"),
)
_OUTPUT_ERRORS = (
    *(errno.EPIPE, errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EBADF, errno.EAGAIN),
    getattr(errno, "EDQUOT", errno.ENOSPC),
)


class _PassedError(Exception):
    """Carries something past click, which would end the process for it or print an empty line."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


class CommandLine(LazyGroup):
    """`w800emu` itself."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the sub-command."""
        try:
            return super().invoke(ctx)
        except (BrokenPipeError, KeyboardInterrupt) as error:
            raise _PassedError(error) from error


@click.group(
    cls=CommandLine,
    names=COMMANDS,
    prefix="emu.cli.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="w800emu", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show the Python traceback of an error.")
def w800emu(debug: bool) -> None:
    """Run the unmodified firmware of WinnerMicro W800-family chips."""


def run_command_line(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; errors go to stderr as one line."""
    try:
        code = _run(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()  # at Python's end nobody could tell what is wrong
        return code
    except (click.Abort, KeyboardInterrupt) as interruption:
        _tell(name_of(interruption))
        return exit_code_of_signal(interruption)
    except Exception as error:  # the last resort: the user sees a line, not a traceback
        if "--debug" in arguments:
            raise
        _tell(f"error: {describe(error)}")
        return exit_code_of(error)


def _run(arguments: Sequence[str]) -> int:
    try:
        return w800emu.main(list(arguments), prog_name="w800emu", standalone_mode=False) or ExitCode.SUCCESS
    except _PassedError as passed:
        raise passed.error from None


def _tell(line: str) -> None:
    with suppress(OSError):  # nobody is there to read it
        tell(line)


def describe(error: Exception) -> str:
    """One line for the user."""
    text = error.format_message() if isinstance(error, click.ClickException) else str(error)
    if isinstance(error, OSError) and error.strerror:
        name = error.filename or (STANDARD_OUTPUT if is_of_output(error) else "")
        text = f"{name}: {error.strerror}" if name else error.strerror
    if not is_of_ours(error):
        text = f"{_blamed(error)}, {type(error).__name__}: {text} (`w800emu --debug ...` shows where)"
    return " ".join(text.split())


def _blamed(error: Exception) -> str:
    """Whose fault it is: a part's, if the error comes out of its code, else ours."""
    from emu.parts.part import Part

    traceback, found = error.__traceback__, "internal error"
    while traceback is not None:
        part = traceback.tb_frame.f_locals.get("self")
        if isinstance(part, Part):
            found = f"the part {part.name}, a {part.kind}, has failed"
        traceback = traceback.tb_next
    return found


def is_of_output(error: Exception) -> bool:
    """Whether it was standard output that could not be written: other files have their names in errors."""
    if not isinstance(error, OSError) or error.filename not in (None, STANDARD_OUTPUT):
        return False
    return error.errno in _OUTPUT_ERRORS


def exit_code_of(error: Exception) -> ExitCode:
    """Input that cannot be used is a usage error; anything unforeseen is a failure."""
    return ExitCode.USAGE if is_of_ours(error) and not is_of_output(error) else ExitCode.FAILURE


def is_of_ours(error: Exception) -> bool:
    """Whether the error was raised on purpose, with a message meant for the user."""
    return isinstance(error, (click.ClickException, OSError)) or type(error).__module__.split(".")[0] in (
        "emu",
        "peripherals",
        "roms",
    )


def main() -> NoReturn:
    """What the `w800emu` script calls."""
    gc.set_threshold(GARBAGE_THRESHOLD)
    with EndingSignals() as signals:
        try:
            code = run_command_line(sys.argv[1:]) if _has_output() else ExitCode.FAILURE
        except KeyboardInterrupt:  # while an error was told
            code = ExitCode.INTERRUPTED
        signals.ignore()
        _drop_output()
    gc.freeze()  # else Python's end looks through all objects again: 30 ms
    sys.exit(code if signals.received is None else 128 + signals.received)


def _has_output() -> bool:
    """If it is closed, a file opened later would get its number, and whatever is printed."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - for the rest of the process
    if sys.stdout is None:
        _tell(f"error: {STANDARD_OUTPUT} is closed: give it a file, {os.devnull} for nothing")
    return sys.stdout is not None


def _drop_output() -> None:
    """Print what is left; Python would complain at its end about a reader that has gone, or a full disk."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    main()
