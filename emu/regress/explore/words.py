"""Bytes that somebody may type: words of the firmware, and what the story sends, changed."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

_WORD: Final = re.compile(rb"[\x20-\x7e]{2,24}(?=\0)")
_MOST_WORDS: Final = 500
_ENDS: Final = (b"", b"\r", b"\r\n", b"=?\r\n")


def words_of(firmware: bytes) -> list[bytes]:
    """Texts in a firmware, those that end with a NUL."""
    return list(dict.fromkeys(_WORD.findall(firmware)))[:_MOST_WORDS]


def typed(draw: random.Random, words: Sequence[bytes]) -> bytes:
    """A line, more or less."""
    parts = []
    for _ in range(draw.randint(1, 4)):
        if words and draw.random() < 0.6:
            parts.append(draw.choice(words))
        else:
            parts.append(draw.randbytes(draw.choice((1, 1, 2, 4, 64))))
    return b"".join(parts) + draw.choice(_ENDS)


def changed(draw: random.Random, data: bytes) -> bytes:
    """Some bytes are others; perhaps it ends early, or more follows."""
    new = bytearray(data)
    for _ in range(draw.randint(0, 2)):
        new[draw.randrange(len(new))] = draw.choice((0, 0x20, 0x7F, 0xFF, draw.randrange(256)))
    kept = draw.choice((len(new), len(new), draw.randrange(len(new))))
    return bytes(new[:kept]) + draw.randbytes(draw.choice((0, 0, 1, 16, 64)))


def shorter(uart: int, data: bytes) -> Iterator[tuple[Any, ...]]:
    """Without a half of it, a quarter, and so on to a single byte."""
    size = len(data) // 2
    while size:
        for at in range(0, len(data), size):
            yield uart, data[:at] + data[at + size :]
        size //= 2
