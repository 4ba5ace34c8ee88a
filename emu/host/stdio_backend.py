"""A UART on the user's terminal."""

from __future__ import annotations

from emu.host.uart_backend import Terminal, UartBackend


class StdioBackend(UartBackend):
    """Prints to the console and takes what is typed."""

    form = "stdio"
    is_terminal = True

    def __init__(self, argument: str, terminal: Terminal) -> None:
        self._terminal = terminal

    def send(self, data: bytes) -> None:
        """Print the bytes."""
        self._terminal.console.write(data)

    def flush(self) -> None:
        """Let the bytes appear."""
        self._terminal.console.flush()

    def receive(self) -> bytes:
        """What has been typed."""
        return self._terminal.typed()
