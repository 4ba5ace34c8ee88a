"""A line below the firmware's output that shows how far it is with writing the flash; terminals only."""

from __future__ import annotations

import time
from shutil import get_terminal_size
from typing import Final

from emu.host.terminal import Console, print_bytes
from peripherals.flash_operation import FlashOperation, OperationKind, Phase

SHOWN_FOR_S = 0.3
"""How long the line stays after the last operation, in host time."""
RENEWED_AFTER_S = 0.1
"""How long the figures in the line stand, in host time: terminals are slow."""

# VT100: a line below makes the screen scroll if need be, before the place is saved where to come back to.
_BELOW: Final = b"\x1bD\x1b[A\x1b7\r\n\x1b[2m"
_BACK: Final = b"\x1b[m\x1b8"
_ERASE_BELOW: Final = b"\x1b[J"


class FlashProgress:
    """Counts what a flash device reports; register `observe` with it."""

    def __init__(self) -> None:
        self._erased_bytes = 0
        self._programmed_bytes = 0
        self._line = ""
        self._hidden_from_s = 0.0
        self._renewed_at_s = -RENEWED_AFTER_S

    def observe(self, operation: FlashOperation) -> None:
        """Note one operation of the device."""
        if operation.phase is not Phase.AFTER:
            return
        if operation.kind is OperationKind.ERASE:
            self._erased_bytes += operation.size_bytes
        else:
            self._programmed_bytes += operation.size_bytes
        now_s = time.monotonic()
        self._hidden_from_s = now_s + SHOWN_FOR_S
        if now_s >= self._renewed_at_s + RENEWED_AFTER_S:
            self._renewed_at_s = now_s
            erased, programmed = self._erased_bytes >> 10, self._programmed_bytes >> 10
            self._line = f"flash at {operation.offset:#08x}: {erased} KiB erased, {programmed} KiB programmed"

    def line(self) -> str:
        """What to show now; empty when the flash is at rest."""
        return self._line if time.monotonic() < self._hidden_from_s else ""


class ProgressConsole(Console):
    """Prints like `Console`, and keeps the progress line under the line being printed.

    The cursor stays where the firmware's text ends.
    """

    def __init__(self, progress: FlashProgress) -> None:
        super().__init__()
        self._progress = progress
        self._shown = ""

    def flush(self) -> None:
        """Print what was written and renew the progress line."""
        progress = self._progress.line()
        if progress == self._shown and not self._pending:
            return
        self._print_pending()
        if progress:
            seen = progress[: get_terminal_size().columns - 1]
            print_bytes(_BELOW + seen.encode() + _BACK)
            self._shown = progress

    def _print_pending(self) -> None:
        if self._shown:
            print_bytes(_ERASE_BELOW)
            self._shown = ""
        super()._print_pending()
