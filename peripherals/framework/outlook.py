"""`Outlook`: what reading a register again and again will give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Count(NamedTuple):
    """A count of time: a straight line, rounded down. Nanoseconds since power-on."""

    start: int
    rate: int
    unit: int

    def at(self, time_ns: int) -> int:
        """What it is at a virtual time."""
        return (self.start + self.rate * time_ns) // self.unit

    def left_to(self, end: int, counts_per_unit: int = 1) -> Count:
        """The count of what is left to `end`, in whole units of so many counts."""
        up_to_end = end * self.unit + self.unit - 1
        return Count(up_to_end - self.start, -self.rate, self.unit * counts_per_unit)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What reads of a register give from now on, as long as no alarm fires and nothing is written.

    Software that polls can then be taken to the next change at once. None in place of an outlook: a read
    changes something, or nobody has said that it does not.
    """

    until_ns: int | None = None
    """It holds before that virtual time; None: for good."""
    count: Count | None = None
    """What the register is. None: it stays as it is."""


STEADY = Outlook()
"""Only alarms and writes change it."""
