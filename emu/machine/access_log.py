"""What the firmware has done with hardware that has no model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable


class UnmodelledLog:
    """Counts by name; `on_first` hears of each name once."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.on_first: Callable[[str, str], None] = lambda name, detail: None

    def unmodelled(self, name: str, detail: str) -> None:
        """Take a report: `name` is block.register[.field], `detail` what was done."""
        self.counts[name] += 1
        if self.counts[name] == 1:
            self.on_first(name, detail)
