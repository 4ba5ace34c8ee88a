"""Holds virtual time back to the host's clock."""

from __future__ import annotations

import time
from collections.abc import Callable

CATCH_UP_NS = 100_000_000
"""A run that is further behind than this does not hurry afterwards."""


class Pace:
    """Remembers when virtual and host time were the same."""

    def __init__(self, now_ns: int) -> None:
        self._lead_ns = now_ns - time.monotonic_ns()

    def wait(self, now_ns: int, sleep: Callable[[float], object] | None = None) -> None:
        """Sleep until the host's clock is at the virtual time `now_ns`, or as long as `sleep` does."""
        ahead_ns = now_ns - time.monotonic_ns() - self._lead_ns
        if ahead_ns > 0:
            (sleep or time.sleep)(ahead_ns / 1e9)
        elif ahead_ns < -CATCH_UP_NS:
            self._lead_ns += ahead_ns
