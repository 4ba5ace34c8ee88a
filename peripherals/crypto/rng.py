"""A random number generator whose numbers are the same in every run."""

from __future__ import annotations

from typing import Final

_MASK: Final = 0xFFFF_FFFF
_STEP: Final = 0x9E37_79B9  # 2^32 divided by the golden ratio: a full period from any seed, 0 included


class DeterministicRng:
    """A counter, scrambled (the construction of SplitMix); one word of state."""

    def __init__(self, seed: int = 0) -> None:
        self._state = seed & _MASK

    def next_word(self) -> int:
        """Give the next 32 bits."""
        self._state = (self._state + _STEP) & _MASK
        word = self._state
        word = (word ^ word >> 16) * 0x21F0_AAAD & _MASK
        word = (word ^ word >> 15) * 0x735A_2D97 & _MASK
        return word ^ word >> 15

    def seed(self, seed: int) -> None:
        """Begin the sequence of this seed."""
        self._state = seed & _MASK

    def save(self) -> int:
        """Take a snapshot."""
        return self._state

    def restore(self, snapshot: int) -> None:
        """Go back to a snapshot."""
        self._state = snapshot
