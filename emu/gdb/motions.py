"""How the target goes on: each motion is made in turns, between which the client is listened to."""

from __future__ import annotations

from typing import Protocol

from emu.gdb.stop import Stopped
from emu.gdb.target import Target
from emu.machine import RunEnd


class Motion(Protocol):
    """A way to go on."""

    def go_on(self, max_time_ns: int) -> Stopped | None:
        """Go on for at most so much virtual time; what gdb is told if the motion has come to its end."""


class Continue:
    """Until something happens."""

    def __init__(self, target: Target) -> None:
        self._target = target
        target.apply()

    def go_on(self, max_time_ns: int) -> Stopped | None:
        """See `Motion`."""
        result = self._target.control.run(max_time_ns)
        return None if result.end is RunEnd.TIME_UP else self._target.why(result)


class Step:
    """One instruction."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def go_on(self, max_time_ns: int) -> Stopped | None:
        """See `Motion`."""
        result = self._target.control.step(max_time_ns)
        return None if result.end is RunEnd.TIME_UP else self._target.why(result)


class RangeStep:
    """Instruction by instruction, as long as they are within a range of addresses."""

    def __init__(self, target: Target, start: int, end: int) -> None:
        self._target = target
        self._range = range(start, end)

    def go_on(self, max_time_ns: int) -> Stopped | None:
        """See `Motion`."""
        for _ in range(500):
            result = self._target.control.step(max_time_ns)
            if result.end is RunEnd.TIME_UP:
                return None
            if result.end is not RunEnd.STEPPED or self._target.machine.registers["pc"] not in self._range:
                return self._target.why(result)
        return None
