"""Where the bytes of a UART go on the host: the terminal, a file, a TCP client, nowhere."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import click

from emu.cli.output_file import OutputFile
from emu.cli.terminal import Console

FORMS = "stdio, file:PATH, tcp:PORT or none"
TCP_BACKLOG_BYTES = 1 << 20


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
        if argument.isdecimal() and 0 < int(argument) < 0x1_0000:
            return BackendChoice(kind, argument)
        raise click.BadParameter(f"{text!r} needs a port number from 1 to 65535")
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


class TcpBackend:
    """Serves one TCP client after the other on this machine; what is sent before one comes is kept for it."""

    def __init__(self, port: int) -> None:
        self._client: socket.socket | None = None
        self._waiting = bytearray()
        self._listener = socket.socket()
        if os.name != "nt":  # there the option would let two programs share the port
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._listener.bind(("127.0.0.1", port))
            self._listener.listen(1)
        except OSError as error:
            self._listener.close()
            raise click.UsageError(f"TCP port {port} cannot be used: {error.strerror}") from error
        self._listener.setblocking(False)

    def send(self, data: bytes) -> None:
        """Keep the bytes for the client; the oldest go when nobody takes them."""
        self._waiting += data
        del self._waiting[:-TCP_BACKLOG_BYTES]

    def flush(self) -> None:
        """Give the client what it takes without waiting."""
        if self._client is None:
            self._accept()
        if self._client is not None and self._waiting:
            with suppress(BlockingIOError, ConnectionError):
                del self._waiting[: self._client.send(self._waiting)]

    def receive(self) -> bytes:
        """What the client has sent; one that has hung up makes room for the next."""
        if self._client is None:
            return b""
        try:
            received = self._client.recv(4096)
        except BlockingIOError:
            return b""
        except ConnectionError:
            received = b""
        if not received:
            self._client.close()
            self._client = None
        return received

    def close(self) -> None:
        """Hand over what is waiting, for at most a second, and hang up."""
        if self._client is not None:
            self._client.settimeout(1)
            with suppress(OSError):
                self._client.sendall(self._waiting)
            self._client.close()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(BlockingIOError):
            self._client, _ = self._listener.accept()
            self._client.setblocking(False)


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
