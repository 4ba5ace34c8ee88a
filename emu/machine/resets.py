"""The resets that the chip makes by itself: who has asked for them, and whether they lead anywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from emu.isa.ops import Vector
from emu.machine.board import Board
from emu.machine.boot_access import REBOOT_REASON_ADDRESS
from emu.machine.crash_watch import IMMINENT_NS
from emu.report.reset import ResetReason, ResetReport
from emu.report.whereabouts import Whereabouts
from emu.soc.irq import Irq
from peripherals.framework.reset import ResetCause

BOOT_LOOP_UPTIME_NS: Final = 60_000_000_000
"""Whoever ran longer has made progress."""
_WATCHDOG_HANDLER: Final = Vector.INTERRUPT0 + Irq.WATCHDOG
_LEFT_IN_RAM: Final = {2: ResetReason.EXCEPTION, 3: ResetReason.WATCHDOG, 5: ResetReason.UPDATE}
"""What the SDK leaves in RAM before a reset (wm_reboot_reason_t, wm_debug.h), if it is not the usual."""


class ResetWatch:
    """Keeps the report of the latest reset; `most` is how many may come until a run ends, None: any number.

    A wake-up from standby is a reset of the chip, but none that counts.
    """

    def __init__(self, board: Board, look: Callable[[], Whereabouts], most: int | None = None) -> None:
        self.latest: ResetReport | None = None
        self._most = most
        self._board = board
        self._look = look
        self._count = self._in_a_row = 0
        self._seen_ns = 0
        self._has_flash_changed = False
        board.flash.changed.internal.append(self._note_change)

    def note(self, cause: ResetCause) -> bool:
        """Look at the chip just before it is reset; whether this is one reset too many."""
        now_ns = self._board.clock.now_ns
        is_quick = now_ns - self._seen_ns < BOOT_LOOP_UPTIME_NS
        is_same = is_quick and not self._has_flash_changed
        self._seen_ns, self._has_flash_changed = now_ns, False
        if cause is ResetCause.WAKE_UP:
            self._in_a_row = 0
            self.latest = ResetReport(cause, ResetReason.WAKE_UP, self._count, now_ns, 0)
            return False
        self._count += 1
        self._in_a_row = self._in_a_row + 1 if is_same else 1
        reason = self._reason()
        where = None if reason in (ResetReason.ASKED, ResetReason.UPDATE) else self._look()
        self.latest = ResetReport(cause, reason, self._count, now_ns, self._in_a_row, where)
        return self._most is not None and self._count > self._most

    def save(self) -> dict[str, Any]:
        """Take a snapshot."""
        return {
            "latest": self.latest,
            "count": self._count,
            "in_a_row": self._in_a_row,
            "seen_ns": self._seen_ns,
            "has_flash_changed": self._has_flash_changed,
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot, behind that of the flash."""
        self.latest = snapshot["latest"]
        self._count, self._in_a_row = snapshot["count"], snapshot["in_a_row"]
        self._seen_ns, self._has_flash_changed = snapshot["seen_ns"], snapshot["has_flash_changed"]

    def _note_change(self, _offset: int, _size_bytes: int) -> None:
        self._has_flash_changed = True

    def _reason(self) -> ResetReason:
        """The watchdog is the only way to a reset: a count too short to feed it is meant to end so.

        The SDK's handler of its interrupt starts such a count, too (wm_hal_wdt.c).
        """
        soc = self._board.soc
        period_ns = soc.watchdog.load.ticks * 1_000_000_000 // soc.apb_hz
        if 2 * period_ns > IMMINENT_NS or _WATCHDOG_HANDLER in self._board.core.active_handlers:
            return ResetReason.WATCHDOG
        return _LEFT_IN_RAM.get(self._board.outside.read(REBOOT_REASON_ADDRESS, 1)[0], ResetReason.ASKED)
