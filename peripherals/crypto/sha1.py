"""The compression function of SHA-1 (FIPS 180-4, 6.1.2): state words in, state words out, no padding."""

from __future__ import annotations

import struct
from collections.abc import Sequence

BLOCK_SIZE = 64
INITIAL = (0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0)
"""The state before the first block (5.3.3)."""
_MASK = 0xFFFF_FFFF


def compress(state: Sequence[int], block: bytes) -> tuple[int, ...]:
    """Mix one 64-byte block into the five 32-bit words of the state."""
    words = list(struct.unpack(">16I", block))
    for t in range(16, 80):
        words.append(_rotate(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1))
    a, b, c, d, e = state
    for t, word in enumerate(words):
        f, k = _round(t // 20, b, c, d)
        a, b, c, d, e = (_rotate(a, 5) + f + e + k + word) & _MASK, a, _rotate(b, 30), c, d
    return tuple((old + new) & _MASK for old, new in zip(state, (a, b, c, d, e), strict=True))


def _round(quarter: int, b: int, c: int, d: int) -> tuple[int, int]:
    if quarter == 0:
        return d ^ b & (c ^ d), 0x5A82_7999
    if quarter == 2:
        return b & c | d & (b | c), 0x8F1B_BCDC
    return b ^ c ^ d, 0x6ED9_EBA1 if quarter == 1 else 0xCA62_C1D6


def _rotate(word: int, count: int) -> int:
    return (word << count | word >> 32 - count) & _MASK
