"""`Waveform`: a figure that follows virtual time, as plain data."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace

from peripherals.framework.environment import NS_PER_SECOND

_POINTS_OF_A_SINE = 64


@dataclass(frozen=True, slots=True)
class Waveform:
    """Straight lines between points; before the first and behind the last it stays, unless it repeats."""

    times_ns: tuple[int, ...]
    """Of the points, counted from `start_ns`, rising."""
    values: tuple[float, ...]
    repeats: bool = False
    """The first point comes again in place of the last one."""
    start_ns: int = 0
    """The virtual time that it begins at."""

    def __post_init__(self) -> None:
        times = self.times_ns
        if not times or len(times) != len(self.values) or list(times) != sorted(set(times)):
            raise ValueError("a waveform takes points in the order of their times, at least one")
        if not all(map(math.isfinite, self.values)):
            raise ValueError("a waveform takes finite values")
        if self.repeats and (times[0] != 0 or len(times) < 2):
            raise ValueError("a waveform that repeats takes at least two points, the first at 0")

    @classmethod
    def through(cls, points: Iterable[tuple[float, float]], *, repeats: bool = False) -> Waveform:
        """Go through points, each a time in seconds from now and a value; ValueError if they make no line."""
        times, values = zip(*points, strict=True)
        times_ns = tuple(round(time_s * NS_PER_SECOND) for time_s in times)
        return cls(times_ns, tuple(map(float, values)), repeats)

    @classmethod
    def sine(cls, mean: float, amplitude: float, frequency_hz: float) -> Waveform:
        """Go up and down around a mean, from there upwards."""
        steps = range(_POINTS_OF_A_SINE + 1)
        angles = [step / _POINTS_OF_A_SINE for step in steps]
        points = [(each / frequency_hz, mean + amplitude * math.sin(2 * math.pi * each)) for each in angles]
        return cls.through(points, repeats=True)

    def beginning_at(self, start_ns: int) -> Waveform:
        """The same, from that virtual time on."""
        return replace(self, start_ns=start_ns)

    def at(self, time_ns: int) -> float:
        """The value at a virtual time."""
        times, values = self.times_ns, self.values
        since_ns = time_ns - self.start_ns
        if self.repeats:
            since_ns %= times[-1]
        behind = bisect_right(times, since_ns)
        if behind in (0, len(times)):
            return values[max(behind - 1, 0)]
        before = behind - 1
        part = (since_ns - times[before]) / (times[behind] - times[before])
        return values[before] + part * (values[behind] - values[before])


def value_at(value: float | Waveform, time_ns: int) -> float:
    """A figure at a virtual time, whether it is steady or not."""
    return value.at(time_ns) if isinstance(value, Waveform) else value
