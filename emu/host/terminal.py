"""The keyboard and the screen of the host: all that differs between POSIX and Windows."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Protocol

import click

from emu.host.message import tell
from emu.host.output_file import STANDARD_OUTPUT, named

__all__ = [
    "QUIT_KEY",
    "QUIT_KEY_NAME",
    "Console",
    "Keyboard",
    "is_interactive",
    "keyboard",
    "moves_cursor",
    "print_bytes",
]

QUIT_KEY = b"\x1d"
QUIT_KEY_NAME = "Ctrl-]"


class Keyboard(Protocol):
    """What the terminal's user types."""

    @property
    def is_gone(self) -> bool:
        """Whether the terminal has gone."""
        ...

    def read(self) -> bytes:
        """Bytes typed since the last call; never waits."""
        ...


class Console:
    """Standard output for what the firmware prints: bytes as they come, line ends as the host likes them."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._is_inside_line = False

    def write(self, data: bytes) -> None:
        """Take bytes; `flush` prints them."""
        self._pending += data

    def flush(self) -> None:
        """Print what was written."""
        self._print_pending()

    def _print_pending(self) -> None:
        r"""`\r\n` becomes `\n`, so a last `\r` waits for what follows it."""
        complete = len(self._pending) - self._pending.endswith(b"\r")
        if complete:
            self._is_inside_line = self._pending[complete - 1 : complete] != b"\n"
            printed = bytes(self._pending[:complete]).replace(b"\r\n", b"\n")
            del self._pending[:complete]
            print_bytes(printed)

    def say(self, message: str) -> None:
        """Print a line of our own on standard error, below what was written until now."""
        self._print_pending()
        self._end_line()
        tell(message)

    def close(self) -> None:
        """Print what is left."""
        self._print_pending()
        print_bytes(bytes(self._pending))
        self._end_line()

    def _end_line(self) -> None:
        """Keep messages off an unfinished line of the firmware, where both are seen in one place."""
        if self._is_inside_line and _outputs_are_one():
            click.echo(err=True)
        self._is_inside_line = False


def print_bytes(data: bytes) -> None:
    """Print on standard output at once."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError as error:
        raise named(error, STANDARD_OUTPUT) from None


def _outputs_are_one() -> bool:
    """Whether standard output and standard error go to the same terminal, file or pipe."""
    try:
        return os.path.sameopenfile(sys.stdout.fileno(), sys.stderr.fileno())
    except (AttributeError, OSError, ValueError):  # replaced by objects that are no files
        return False


if sys.platform == "win32":
    import ctypes
    import msvcrt

    _STD_OUTPUT_HANDLE = -11
    _ENABLE_VIRTUAL_TERMINAL_PROCESSING = 4

    def is_interactive() -> bool:
        """Whether somebody can type: standard input is a terminal."""
        return sys.stdin is not None and sys.stdin.isatty()

    def moves_cursor() -> bool:
        """Whether the screen understands control sequences, which Windows' has to be told."""
        kernel, mode = ctypes.windll.kernel32, ctypes.c_ulong()
        screen = kernel.GetStdHandle(_STD_OUTPUT_HANDLE)
        is_known = kernel.GetConsoleMode(screen, ctypes.byref(mode))
        return bool(
            is_known and kernel.SetConsoleMode(screen, mode.value | _ENABLE_VIRTUAL_TERMINAL_PROCESSING)
        )

    class _ConsoleKeyboard:
        is_gone = False

        def read(self) -> bytes:
            typed = b""
            while msvcrt.kbhit():
                typed += msvcrt.getwch().encode()
            return typed

    @contextlib.contextmanager
    def keyboard() -> Iterator[Keyboard]:
        """The keyboard, key by key and without echo. Ctrl-C stays an interrupt."""
        yield _ConsoleKeyboard()

else:
    from emu.host.terminal_keyboard import is_in_foreground, keyboard

    def is_interactive() -> bool:
        """Whether somebody can type: standard input is a terminal, and we are not in its background."""
        return sys.stdin is not None and sys.stdin.isatty() and is_in_foreground(sys.stdin.fileno())

    def moves_cursor() -> bool:
        """Whether the screen understands control sequences."""
        return os.environ.get("TERM", "dumb") not in ("", "dumb", "unknown")
