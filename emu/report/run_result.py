"""How a run ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from emu.report.access import WatchedAccess
from emu.report.crash import CrashReport
from emu.report.data import Reported
from emu.report.phrases import after
from emu.report.reset import ResetReport
from emu.report.whereabouts import Whereabouts


class RunEnd(Enum):
    """Why `Machine.run` came back."""

    TIME_UP = "the time is up"
    STOPPED = "stopped"
    WATCHPOINT = "a watched address was accessed"
    STEPPED = "the instructions were executed"
    ADDRESS = "the address was reached"
    CRASH = "the firmware crashed"
    POWER_CUT = "the power was cut"
    RESET = "the chip was reset"
    DOWNLOAD = "the mask ROM waits for a download"


class LastLook:
    """Where the firmware is at the end of a run: found out when somebody asks, until the machine goes on.

    Most runs end because something is as expected, and nobody asks.
    """

    def __init__(self, look: Callable[[], Whereabouts]) -> None:
        self._look: Callable[[], Whereabouts] | None = look
        self._found: Whereabouts | None = None

    def __call__(self) -> Whereabouts | None:
        """What was found; None if nobody has asked in time."""
        if self._look is not None:
            self._found, self._look = self._look(), None
        return self._found

    def miss(self) -> None:
        """The machine goes on: what has not been asked for is lost."""
        self._look = None


@dataclass(frozen=True, slots=True)
class RunResult(Reported):
    """The end of a run; `crash` and `reset` tell more about ends of these names, `reason` about DOWNLOAD."""

    end: RunEnd
    time_ns: int
    crash: CrashReport | None = None
    reason: str = ""
    reset: ResetReport | None = None
    owners: tuple[str, ...] = ()
    """Of the breakpoints at the address that was reached."""
    accesses: tuple[WatchedAccess, ...] = ()
    """To watched addresses, of the instruction executed last."""
    last_look: Callable[[], Whereabouts | None] = field(default=lambda: None, repr=False, compare=False)

    @property
    def whereabouts(self) -> Whereabouts | None:
        """Where the firmware was, if somebody asks before the machine goes on; None after a crash."""
        return self.last_look()

    @property
    def text(self) -> str:
        """One line; where the firmware was is in it if the machine has not gone on since."""
        if self.crash is not None:
            return str(self.crash)
        if self.reset is not None:
            return str(self.reset)
        if self.accesses:
            return "\n".join(map(str, self.accesses))
        why = f": {self.reason}," if self.reason else ""
        where = self.whereabouts if self.end in (RunEnd.TIME_UP, RunEnd.STOPPED) else None
        return f"{self.end.value}{why} {after(self.time_ns)}" + (f", {where}" if where else "")

    def __str__(self) -> str:
        return self.text
