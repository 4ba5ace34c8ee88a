"""Virtual time of what has elapsed in a trace."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable


class Times:
    """Straight lines, one behind the other: see `layout.TIME`."""

    def __init__(self, scales: Iterable[tuple[int, int, int, int]]) -> None:
        self._scales = list(scales)
        self._elapsed = [scale[0] for scale in self._scales]
        self._begins_ns = [scale[1] for scale in self._scales]

    def time_ns(self, elapsed: int) -> int:
        """The virtual time when so much had elapsed, before any time passed without instructions there."""
        return self._on_line(max(bisect_left(self._elapsed, elapsed) - 1, 0), elapsed)

    def begin_ns(self, elapsed: int) -> int:
        """The virtual time when the next instruction begins: behind any that passed without instructions."""
        return self._on_line(max(bisect_right(self._elapsed, elapsed) - 1, 0), elapsed)

    def elapsed(self, time_ns: int) -> int:
        """What had elapsed at a virtual time: least that is not before it."""
        index = bisect_right(self._begins_ns, time_ns) - 1
        if index < 0:
            return self._elapsed[0]
        begins, base_ns, ns, units = self._scales[index]
        elapsed = begins - (base_ns - time_ns) * units // ns
        return min(elapsed, self._elapsed[index + 1]) if index + 1 < len(self._elapsed) else elapsed

    def idle(self) -> list[tuple[int, int]]:
        """When time passed without instructions: (begin, end) in nanoseconds, in order."""
        idle: list[tuple[int, int]] = []
        for before, after in zip(self._scales, self._scales[1:], strict=False):
            begins, base_ns, ns, units = before
            came_ns = base_ns + (after[0] - begins) * ns // units
            if after[1] > came_ns:
                if idle and idle[-1][1] == came_ns:
                    idle[-1] = idle[-1][0], after[1]
                else:
                    idle.append((came_ns, after[1]))
        return idle

    def _on_line(self, index: int, elapsed: int) -> int:
        begins, base_ns, ns, units = self._scales[index]
        return base_ns + (elapsed - begins) * ns // units
