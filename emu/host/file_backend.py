"""A UART whose output is a log file."""

from __future__ import annotations

from pathlib import Path

from emu.host.output_file import OutputFile
from emu.host.uart_backend import Terminal, UartBackend


class FileBackend(UartBackend):
    """Writes a file that can be followed during the run."""

    form = "file:PATH"

    def __init__(self, argument: str, terminal: Terminal) -> None:
        self._file = OutputFile(Path(argument))

    def send(self, data: bytes) -> None:
        """Append the bytes."""
        self._file.write(data)

    def flush(self) -> None:
        """Write to the disk."""
        self._file.flush()

    def close(self) -> None:
        """Write what is left."""
        self._file.close()
