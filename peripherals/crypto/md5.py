"""The compression function of MD5 (RFC 1321, 3.4): state words in, state words out, no padding."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

BLOCK_SIZE = 64
_MASK = 0xFFFF_FFFF
_SINES = tuple(int(abs(math.sin(step + 1)) * 2**32) for step in range(64))
_ROTATIONS = ((7, 12, 17, 22), (5, 9, 14, 20), (4, 11, 16, 23), (6, 10, 15, 21))
_WORD_ORDERS = ((1, 0), (5, 1), (3, 5), (7, 0))  # word of a step = (factor * step + offset) % 16, by round


def compress(state: Sequence[int], block: bytes) -> tuple[int, ...]:
    """Mix one 64-byte block into the four 32-bit words of the state."""
    words = struct.unpack("<16I", block)
    a, b, c, d = state
    for step in range(64):
        quarter = step // 16
        factor, offset = _WORD_ORDERS[quarter]
        word = words[(factor * step + offset) % 16]
        mixed = (a + _mix(quarter, b, c, d) + _SINES[step] + word) & _MASK
        rotation = _ROTATIONS[quarter][step % 4]
        rotated = mixed << rotation | mixed >> 32 - rotation
        a, b, c, d = d, (b + rotated) & _MASK, b, c
    return tuple((old + new) & _MASK for old, new in zip(state, (a, b, c, d), strict=True))


def _mix(quarter: int, b: int, c: int, d: int) -> int:
    if quarter == 0:
        return d ^ b & (c ^ d)
    if quarter == 1:
        return c ^ d & (b ^ c)
    if quarter == 2:
        return b ^ c ^ d
    return c ^ (b | d ^ _MASK)
