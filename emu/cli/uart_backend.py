"""Where the bytes of a UART go on the host: the terminal, a file, a TCP client, nowhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import click

from emu.cli.output_file import OutputFile
from emu.cli.tcp_backend import TcpBackend
from emu.cli.terminal import Console

FORMS = "stdio, file:PATH, tcp:PORT or none"


class UartBackend(Protocol):
    """One end of a serial line on the host."""

    def send(self, data: bytes) -> None:
        """Take bytes the firmware has transmitted."""

    def flush(self) -> None:
        """Let go what was sent; never waits."""

    def receive(self) -> bytes:
        """Bytes for the firmware that have arrived since the last call; never waits."""

    def close(self) -> None:
        """Flush and let go; nothing is sent afterwards."""


@dataclass(frozen=True, slots=True)
class BackendChoice:
    """A parsed `--uartN` option."""

    kind: str
    argument: str = ""


def parse_backend(text: str) -> BackendChoice:
    """The option type of `--uartN`; nothing is opened yet."""
    kind, colon, argument = text.partition(":")
    if (kind in ("stdio", "none") and not colon) or (kind == "file" and argument):
        return BackendChoice(kind, argument)
    if kind == "tcp":
        if argument.isdecimal() and len(argument) < 6 and int(argument) < 0x1_0000:
            return BackendChoice(kind, argument)
        raise click.BadParameter(f"{text!r} needs a port number from 1 to 65535, or 0 for any")
    raise click.BadParameter(f"{text!r} is no UART back end (use {FORMS})")


class NullBackend:
    """Drops what is sent."""

    def send(self, data: bytes) -> None:
        """Forget the bytes."""

    def flush(self) -> None:
        """Nothing is kept."""

    def receive(self) -> bytes:
        """Nothing ever arrives."""
        return b""

    def close(self) -> None:
        """Nothing to let go."""


class StdioBackend(NullBackend):
    """Prints to the console and takes what `typed` returns."""

    def __init__(self, console: Console, typed: Callable[[], bytes]) -> None:
        self._console = console
        self._typed = typed

    def send(self, data: bytes) -> None:
        """Print the bytes."""
        self._console.write(data)

    def flush(self) -> None:
        """Let the bytes appear."""
        self._console.flush()

    def receive(self) -> bytes:
        """What has been typed."""
        return self._typed()


class FileBackend(NullBackend):
    """Writes a log file that can be followed during the run."""

    def __init__(self, path: Path) -> None:
        self._file = OutputFile(path)

    def send(self, data: bytes) -> None:
        """Append the bytes."""
        self._file.write(data)

    def flush(self) -> None:
        """Write to the disk."""
        self._file.flush()

    def close(self) -> None:
        """Write what is left."""
        self._file.close()


def open_backend(choice: BackendChoice, console: Console, typed: Callable[[], bytes]) -> UartBackend:
    """Open the file or port; errors name it."""
    match choice.kind:
        case "stdio":
            return StdioBackend(console, typed)
        case "file":
            return FileBackend(Path(choice.argument))
        case "tcp":
            return TcpBackend(int(choice.argument))
    return NullBackend()
