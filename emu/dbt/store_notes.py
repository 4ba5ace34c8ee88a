"""What is known of stores, for translations to come."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class StoreNotes:
    """Addresses of instructions, and of words."""

    told: Counter[int] = field(default_factory=Counter)
    """How often their stores were told that touched no code."""
    guarded: set[int] = field(default_factory=set)
    """Their stores get a guard (store_guard.py)."""
    frequent: set[int] = field(default_factory=set)
    """Those of them whose stores no region may be without a guard for."""
    variable: set[int] = field(default_factory=set)
    """Words that were changed in what was translated: they are not folded again."""
