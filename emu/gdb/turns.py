"""How long the machine runs until the client is listened to again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

WALL_S: Final = 0.01
"""To a human Ctrl-C takes effect at once, and looking for it costs nothing that could be measured."""
SHORTEST_NS: Final = 10_000
LONGEST_NS: Final = 100_000_000
"""Firmware that has slept so far may not do so in the next turn."""


class TurnLength:
    """Virtual time that takes about `WALL_S` of the host's, as turns before have taken."""

    def __init__(self) -> None:
        self.duration_ns = 1_000_000

    @contextmanager
    def measured(self) -> Iterator[int]:
        """Make a turn of at most the virtual time given, and learn from it."""
        began_s = time.perf_counter()
        yield self.duration_ns
        took_s = max(time.perf_counter() - began_s, 1e-6)
        factor = min(max(WALL_S / took_s, 0.1), 2)
        self.duration_ns = min(max(int(self.duration_ns * factor), SHORTEST_NS), LONGEST_NS)
