"""How a PWM channel measures the line at its pin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from peripherals.framework.countdown import Countdown
from peripherals.framework.environment import Clock, Line

RISING: Final = 0b00001
FALLING: Final = 0b00010
OVERFLOW: Final = 0b10000
_OVERRUN_SHIFT: Final = 2  # from the flag of an edge to that of one more
_COUNTS: Final = 0x1_0000


def with_edge(flags: int, edge: int) -> int:
    """Add an edge to the flags of a channel; if its flag is still set, this one has overrun it."""
    return flags | edge | (flags & edge) << _OVERRUN_SHIFT


def without(flags: int, edges: int) -> int:
    """Clear the flags of edges, and with them their overruns and the overflow (wm_pwm_reg_struct.h)."""
    edges &= RISING | FALLING
    return flags & ~(edges | edges << _OVERRUN_SHIFT | (OVERFLOW if edges else 0))


class CaptureInput:
    """A line, and `phase`, which counts how long it has had its level, in divided APB clocks.

    The count begins anew at every edge: LuatOS (luat_pwm_air101.c) takes the count at a falling edge for the
    high phase, that at a rising edge for the low one. It has 16 bits, whatever the period register says,
    which wm_hal_pwm.c leaves at 0.
    """

    def __init__(self, clock: Clock, on_overflow: Callable[[], None]) -> None:
        self.is_high = False
        self.is_requesting = False
        self.request: Line = lambda level: None
        self.phase = Countdown(clock, lambda _: on_overflow())
        self._divider = 1

    def start(self, divider: int) -> None:
        """Count from here on."""
        self._divider = divider
        self.phase.period = _COUNTS * divider
        self.phase.restart()

    def end_phase(self, next_divider: int) -> int:
        """Give the count of the phase that ends here, and begin the next."""
        self.phase.catch_up()
        count = _COUNTS - 1 - (self.phase.left - 1) // self._divider
        self.start(next_divider)
        return count

    def save(self) -> dict[str, Any]:
        """Give the state as plain data."""
        return {
            "is_high": self.is_high,
            "is_requesting": self.is_requesting,
            "divider": self._divider,
            "phase": self.phase.save(),
        }

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Take the state back."""
        self.is_high = snapshot["is_high"]
        self.is_requesting = snapshot["is_requesting"]
        self._divider = snapshot["divider"]
        self.phase.restore(snapshot["phase"])
