"""How a run ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from emu.machine.crash import CrashReport


class MachineError(Exception):
    """Something was asked of a machine that it cannot do; one line says what to do instead."""


class RunEnd(Enum):
    """Why `Machine.run` came back."""

    TIME_UP = "the time is up"
    STOPPED = "stopped"
    ADDRESS = "the address was reached"
    CRASH = "the firmware crashed"
    POWER_CUT = "the power was cut"
    DOWNLOAD = "the mask ROM waits for a download"


@dataclass(frozen=True, slots=True)
class RunResult:
    """The end of a run; `crash` tells more about RunEnd.CRASH, `reason` about RunEnd.DOWNLOAD."""

    end: RunEnd
    time_ns: int
    crash: CrashReport | None = None
    reason: str = ""

    @property
    def text(self) -> str:
        """One line."""
        if self.crash is not None:
            return str(self.crash)
        why = f": {self.reason}," if self.reason else ""
        return f"{self.end.value}{why} after {self.time_ns / 1e9:.6f} s"

    def __str__(self) -> str:
        return self.text
