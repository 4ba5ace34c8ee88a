"""What takes time in a trace, many of them: when each began and ended, and where it is drawn."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np


class Slice(NamedTuple):
    """Something from one time to another, in nanoseconds."""

    begin_ns: int
    end_ns: int
    name: int
    """Its number, as the owner of the slices counts names."""


class Slices:
    """Slices in lanes, in the order of their begins; of two in a lane that overlap, one lies in the other."""

    def __init__(self) -> None:
        self._begins_ns, self._ends_ns = array("q"), array("q")
        self._lanes, self._names = array("I"), array("I")
        self._open: dict[int, list[int]] = {}

    def begin(self, lane: int, name: int, time_ns: int) -> None:
        """A slice begins, within those of its lane that have begun."""
        self._open.setdefault(lane, []).append(len(self._begins_ns))
        self._begins_ns.append(time_ns)
        self._ends_ns.append(time_ns)
        self._lanes.append(lane)
        self._names.append(name)

    def end(self, lane: int, time_ns: int) -> None:
        """The slice of a lane that began last ends."""
        number = self._open[lane].pop()
        self._ends_ns[number] = max(time_ns, self._begins_ns[number])

    def least_ns(self, most: int) -> int:
        """How long slices have to be for no more than `most` to be left."""
        durations_ns = np.frombuffer(self._ends_ns, np.int64) - np.frombuffer(self._begins_ns, np.int64)
        surplus = len(durations_ns) - most
        return int(np.partition(durations_ns, surplus - 1)[surplus - 1]) + 1 if surplus > 0 else 0

    def lane(self, lane: int, least_ns: int = 0) -> Iterator[Slice]:
        """The slices of a lane that are not shorter."""
        begins_ns, ends_ns = np.frombuffer(self._begins_ns, np.int64), np.frombuffer(self._ends_ns, np.int64)
        is_kept = (np.frombuffer(self._lanes, np.uint32) == lane) & (ends_ns - begins_ns >= least_ns)
        for number in np.flatnonzero(is_kept).tolist():
            yield Slice(self._begins_ns[number], self._ends_ns[number], self._names[number])

    def __len__(self) -> int:
        return len(self._begins_ns)
