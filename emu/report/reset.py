"""A reset that the chip has made by itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from emu.report.data import Reported
from emu.report.phrases import after
from emu.report.whereabouts import Whereabouts
from peripherals.framework.reset import ResetCause

BOOT_LOOP_RESETS: Final = 4
"""So many in a row without progress are a boot loop: an update takes one or two."""


class ResetReason(Enum):
    """Who has asked for a reset; the values are what people read."""

    ASKED = "the firmware asked for it"
    UPDATE = "the firmware asked for it, for an update"
    EXCEPTION = "the firmware's handler of exceptions asked for it"
    WATCHDOG = "the watchdog expired"
    WAKE_UP = "wake-up from standby"


@dataclass(frozen=True, slots=True)
class ResetReport(Reported):
    """A reset that nobody outside the chip has asked for."""

    cause: ResetCause
    reason: ResetReason
    number: int
    """Counted from power-on, from 1."""
    time_ns: int
    in_a_row: int
    """The resets up to this one that came soon after each other, with the flash unchanged between them."""
    whereabouts: Whereabouts | None = None
    """Where the firmware was when the watchdog expired."""

    @property
    def is_boot_loop(self) -> bool:
        """Whether the firmware resets itself again and again without getting anywhere."""
        return self.in_a_row >= BOOT_LOOP_RESETS

    @property
    def text(self) -> str:
        """One line."""
        if self.cause is ResetCause.WAKE_UP:
            return f"{self.reason.value} {after(self.time_ns)}"
        where = f", {self.whereabouts}" if self.whereabouts else ""
        loop = f"; a boot loop: {self.in_a_row} resets without progress" if self.is_boot_loop else ""
        return f"reset {self.number} {after(self.time_ns)}: {self.reason.value}{where}{loop}"

    def __str__(self) -> str:
        return self.text
