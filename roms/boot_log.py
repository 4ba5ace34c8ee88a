"""What the bootloader prints on UART0, and how much of it."""

from __future__ import annotations

from enum import IntEnum

from roms.boot_chip import Console


class Level(IntEnum):
    """Log levels (bootloader/Kconfig): a message is printed when the app's header allows its level."""

    SILENT = 0
    ERROR = 1
    INFO = 3
    DEBUG = 4


class BootLog:
    """Lines on UART0; silent until the app's header says otherwise."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.level = int(Level.SILENT)

    def line(self, level: Level, text: str) -> None:
        """Print a line if the level allows it."""
        self.raw(level, f"{text}\n")

    def raw(self, level: Level, text: str) -> None:
        """Print a text if the level allows it; a line feed goes out as two characters."""
        if self.level >= level:
            self._console.transmit(text.replace("\n", "\r\n").encode())
