"""What a PWM channel puts out, as figures instead of edges."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class PwmState(Enum):
    """What makes the level of an output."""

    STOPPED = "stopped"
    RUNNING = "running"
    BRAKED = "braked"
    RELEASED = "released"  # nothing does: the pin is an input, or open


@dataclass(frozen=True, slots=True)
class PwmOutput:
    """An output between two changes.

    `duty` is the part of the time for which it is high, 0 to 1: while running with inversion and dead time in
    it, otherwise the steady level. `frequency_hz` is 0 unless it runs.
    """

    state: PwmState
    duty: float = 0
    frequency_hz: float = 0
    is_inverted: bool = False
    in_step_with: int | None = None
    complement_of: int | None = None
    dead_time_ns: float = 0


@dataclass(frozen=True, slots=True)
class Waveform:
    """A period in APB clocks, and for how many of them it is high."""

    period: int
    high: int

    @classmethod
    def edge_aligned(cls, period: int, compare: int, divider: int) -> Waveform:
        """Make what a counter from `period` to 0 makes: high when `compare` or less is left."""
        steps = period + 1
        return cls(steps * divider, min(compare + 1, steps) * divider)

    @classmethod
    def center_aligned(cls, period: int, compare: int, divider: int) -> Waveform:
        """Make what a counter from `period` to 0 and back makes, with one step more at both ends."""
        steps = 2 * (period + 1)
        return cls(steps * divider, (steps if compare > period else 2 * compare + 1) * divider)

    def opposite(self) -> Waveform:
        """Swap high and low."""
        return Waveform(self.period, self.period - self.high)

    def later_by(self, clocks: int) -> Waveform:
        """Rise so much later, if it rises at all."""
        is_steady = self.high in (0, self.period)
        return self if is_steady else Waveform(self.period, max(self.high - clocks, 0))
