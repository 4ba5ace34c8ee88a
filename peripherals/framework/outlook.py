"""`Outlook`: what reading a register again and again will give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outlook:
    """What reads of a register give from now on, as long as no alarm fires and nothing is written.

    Software that polls can then be taken to the next change at once. None in place of an outlook: a read
    changes something, or nobody has said that it does not.
    """

    until_ns: int | None = None
    """It holds before that virtual time; None: for good."""
    value_at: Callable[[int], int] | None = None
    """Gives the register at a virtual time. None: it stays as it is.

    It is a straight line, rounded to whole numbers, which goes on where the register begins anew.
    """


STEADY = Outlook()
"""Only alarms and writes change it."""
