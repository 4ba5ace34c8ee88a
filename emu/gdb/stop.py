"""Why the target has stopped, as gdb is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from emu.report.crash import CrashKind
from emu.report.run_result import RunEnd, RunResult


class Signal(IntEnum):
    """What has stopped it, in gdb's numbers (include/gdb/signals.def)."""

    INTERRUPT = 2
    ILLEGAL_INSTRUCTION = 4
    TRAP = 5
    ABORT = 6
    FLOATING_POINT = 8
    BUS_ERROR = 10
    SEGMENTATION_FAULT = 11
    STOP = 17
    POWER_FAIL = 32


_OF_CRASHES: Final = {
    CrashKind.MISALIGNED: Signal.BUS_ERROR,
    CrashKind.ACCESS_ERROR: Signal.SEGMENTATION_FAULT,
    CrashKind.DIVIDE_BY_ZERO: Signal.FLOATING_POINT,
    CrashKind.ILLEGAL_INSTRUCTION: Signal.ILLEGAL_INSTRUCTION,
    CrashKind.PRIVILEGE_VIOLATION: Signal.ILLEGAL_INSTRUCTION,
    CrashKind.BREAKPOINT: Signal.TRAP,
}
_OF_ENDS: Final = {RunEnd.POWER_CUT: Signal.POWER_FAIL, RunEnd.DOWNLOAD: Signal.STOP}


@dataclass(frozen=True, slots=True)
class Stopped:
    """A stop; `reason` is as in stop replies, such as `swbreak` or `watch:20000100`, `note` for the user."""

    signal: Signal = Signal.TRAP
    reason: str = ""
    note: str = ""

    def reply(self, thread: int) -> str:
        """The stop reply packet."""
        name, _, value = self.reason.partition(":")
        reason = f"{name}:{value};" if name else ""
        return f"T{self.signal:02x}thread:{thread:x};{reason}"


def stopped_by(result: RunResult) -> Stopped:
    """The end of a run that needs a word of explanation."""
    if result.crash is not None:
        return Stopped(_OF_CRASHES.get(result.crash.kind, Signal.ABORT), note=str(result.crash))
    return Stopped(_OF_ENDS.get(result.end, Signal.TRAP), note=str(result))
