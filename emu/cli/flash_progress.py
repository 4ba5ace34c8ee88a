"""A line below the firmware's output that shows how far it is with writing the flash; terminals only."""

from __future__ import annotations

import time

from rich.console import Console as RichConsole
from rich.console import Group
from rich.control import Control
from rich.live import Live
from rich.segment import ControlType
from rich.text import Text

from emu.host.terminal import Console
from peripherals.flash_operation import FlashOperation, OperationKind, Phase

SHOWN_FOR_S = 0.3
"""How long the line stays after the last operation, in host time."""
RENEWED_AFTER_S = 0.1
"""How long the figures in the line stand, in host time: terminals are slow."""


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
    """Prints like `Console`, and keeps the progress line under the line being printed."""

    def __init__(self, progress: FlashProgress, terminal: RichConsole | None = None) -> None:
        super().__init__()
        self._progress = progress
        self._terminal = terminal or RichConsole(highlight=False)
        self._live = Live(console=self._terminal, auto_refresh=False, transient=True)
        self._unfinished = b""
        """What of the firmware's present line is on the screen."""
        self._shown = ""

    def flush(self) -> None:
        """Print complete lines above, the unfinished line and the progress below."""
        progress = self._progress.line()
        if not progress:
            self._print_plainly()
        elif self._pending or progress != self._shown:
            self._show(progress)

    def say(self, message: str) -> None:
        """Remove the progress line for it."""
        self._print_plainly()
        super().say(message)
        self._unfinished = b""

    def close(self) -> None:
        """Remove the progress line and print what is left as it came."""
        self._print_plainly()
        super().close()

    def _show(self, progress: str) -> None:
        self._shown = progress
        if not self._live.is_started:
            self._terminal.control(Control((ControlType.CARRIAGE_RETURN,), (ControlType.ERASE_IN_LINE, 2)))
            self._live.start()
        complete, newline, self._unfinished = (self._unfinished + self._pending).rpartition(b"\n")
        self._pending.clear()
        if newline:
            self._terminal.print(_text(complete), soft_wrap=True)
        self._live.update(Group(_text(self._unfinished), Text(progress, style="dim")), refresh=True)

    def _print_plainly(self) -> None:
        if self._live.is_started:
            self._live.stop()
            self._pending[:0] = self._unfinished
            self._unfinished = b""
        self._unfinished = (self._unfinished + self._pending).rpartition(b"\n")[2]
        super().flush()


def _text(data: bytes) -> Text:
    return Text.from_ansi(data.decode(errors="replace").replace("\r\n", "\n").removesuffix("\r"))
