"""A bounded queue of bytes, as serial blocks have them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable


class Fifo:
    """Holds up to `depth` bytes, first in, first out."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.held: deque[int] = deque()
        """The bytes, oldest first; for those who count them at each poll."""

    def __len__(self) -> int:
        return len(self.held)

    @property
    def free(self) -> int:
        """How many more bytes fit."""
        return self.depth - len(self.held)

    def push(self, byte: int) -> bool:
        """Append a byte; False, and the byte is lost, if there is no room."""
        if len(self.held) >= self.depth:
            return False
        self.held.append(byte)
        return True

    def pop(self) -> int | None:
        """Take the oldest byte; None if there is none."""
        return self.held.popleft() if self.held else None

    def push_all(self, data: Iterable[int]) -> None:
        """Append bytes for which there is room."""
        self.held.extend(data)

    def pop_all(self, most: int) -> bytes:
        """Take the oldest bytes, at most so many."""
        return bytes(self.held.popleft() for _ in range(min(most, len(self.held))))

    @property
    def first(self) -> int | None:
        """The oldest byte, which stays."""
        return self.held[0] if self.held else None

    def clear(self) -> None:
        """Drop everything."""
        self.held.clear()

    def save(self) -> list[int]:
        """Give the bytes, oldest first."""
        return list(self.held)

    def restore(self, snapshot: list[int]) -> None:
        """Hold these bytes again."""
        self.held = deque(snapshot)
