"""One thing that is not as it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

KINDS: Final = (
    *("uart", "crash", "milestone", "function", "stack", "heap", "flash", "wear", "size", "unmodelled"),
    *("run", "coverage", "section", "component", "time", "instructions"),
)
CONSEQUENCES: Final = KINDS[-6:]
"""Kinds of differences that follow from others: they count if a limit is about them, or there is no other."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was. Of texts there are no numbers."""

    kind: str
    """One of `KINDS`."""
    name: str
    before: int | None
    after: int | None
    text: str
    """In words."""
    is_allowed: bool = False
    """Whether the limits let it pass."""
    is_consequence: bool = False
    """Whether it follows from others."""
