"""A bounded queue of bytes, as serial blocks have them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable


class Fifo:
    """Holds up to `depth` bytes, first in, first out."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self._bytes: deque[int] = deque()

    def __len__(self) -> int:
        return len(self._bytes)

    @property
    def free(self) -> int:
        """How many more bytes fit."""
        return self.depth - len(self._bytes)

    def push(self, byte: int) -> bool:
        """Append a byte; False, and the byte is lost, if there is no room."""
        if len(self._bytes) >= self.depth:
            return False
        self._bytes.append(byte)
        return True

    def pop(self) -> int | None:
        """Take the oldest byte; None if there is none."""
        return self._bytes.popleft() if self._bytes else None

    def push_all(self, data: Iterable[int]) -> None:
        """Append bytes for which there is room."""
        self._bytes.extend(data)

    def pop_all(self, most: int) -> bytes:
        """Take the oldest bytes, at most so many."""
        return bytes(self._bytes.popleft() for _ in range(min(most, len(self._bytes))))

    @property
    def first(self) -> int | None:
        """The oldest byte, which stays."""
        return self._bytes[0] if self._bytes else None

    def clear(self) -> None:
        """Drop everything."""
        self._bytes.clear()

    def save(self) -> list[int]:
        """Give the bytes, oldest first."""
        return list(self._bytes)

    def restore(self, snapshot: list[int]) -> None:
        """Hold these bytes again."""
        self._bytes = deque(snapshot)
