"""An output line that a test can look at."""

from __future__ import annotations


class FakeLine:
    """Remembers its level and how often it rose."""

    def __init__(self) -> None:
        self.level = False
        self.rises = 0

    def __call__(self, level: bool) -> None:
        if level and not self.level:
            self.rises += 1
        self.level = level

    def is_high(self) -> bool:
        """Tell the level; unlike the attribute, a type checker expects it to differ the next time."""
        return self.level
