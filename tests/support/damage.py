"""Damaged copies of files."""

from __future__ import annotations

import random


def damaged(data: bytes, seed: int) -> bytes:
    """One or more of: flipped bits, a range overwritten, cut, doubled, or removed."""
    dice = random.Random(seed)
    mutable = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(min(len(mutable), dice.choice((64, 0x2100, len(mutable)))) or 1)
        size = dice.choice((1, 2, 4, 64, 1000))
        match dice.randrange(5):
            case 0:
                mutable[at : at + 1] = bytes([mutable[at] ^ 1 << dice.randrange(8)]) if mutable else b""
            case 1:
                mutable[at : at + size] = dice.choice((b"\0", b"\xff", b"A", dice.randbytes(1))) * size
            case 2:
                del mutable[dice.randrange(len(mutable) + 1) :]
            case 3:
                mutable[at:at] = mutable[at : at + size]
            case _:
                del mutable[at : at + size]
    return bytes(mutable)
