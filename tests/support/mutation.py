"""Damage to packets, from a seed."""

from __future__ import annotations

import random


def mutated(chance: random.Random, data: bytes) -> bytes:
    """The data with a few bytes changed, and perhaps cut off or longer."""
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 5)):
        changed[chance.randrange(len(changed))] = chance.choice(
            (0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256))
        )
    if chance.random() < 0.4:
        del changed[chance.randrange(len(changed)) :]
    elif chance.random() < 0.2:
        changed += chance.randbytes(chance.randrange(40))
    return bytes(changed)
