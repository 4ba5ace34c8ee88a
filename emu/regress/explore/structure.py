"""Bytes with fields in them, and edits of these: what a mutation of an image or a frame is made of."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final, NamedTuple

MOST_EDITS: Final = 4
_NEAR: Final = (-1, 1, -4, 4)


class Field(NamedTuple):
    """A number in bytes."""

    name: str
    offset: int
    size_bytes: int
    order: str = "big"


class Edit(NamedTuple):
    """`what` is the name of a field, or `byte`, `cut` or `insert`."""

    what: str
    offset: int
    data: bytes

    def __str__(self) -> str:
        if self.what == "cut":
            return f"cut off at {self.offset}"
        shown = (
            self.data.hex() if len(self.data) <= 8 else f"{self.data[:8].hex()}... ({len(self.data)} bytes)"
        )
        return f"{self.what} at {self.offset} = {shown}"

    def __repr__(self) -> str:
        return str(self)


def edited(data: bytes, edits: Sequence[tuple[str, int, bytes]]) -> bytes:
    """The bytes behind all edits, one after the other; what lies outside has no effect."""
    changed = bytearray(data)
    for what, offset, new in edits:
        if what == "cut":
            del changed[offset:]
        elif what == "insert":
            changed[offset:offset] = new
        elif offset < len(changed):
            changed[offset : offset + len(new)] = new[: len(changed) - offset]
    return bytes(changed)


def draw_edits(
    draw: random.Random, data: bytes, fields: Sequence[Field], words: Sequence[bytes] = ()
) -> tuple[Edit, ...]:
    """Some edits, mostly of fields."""
    edits = []
    for _ in range(draw.choice((1, 1, 1, 2, 2, MOST_EDITS))):
        if fields and draw.random() < 0.7:
            edits.append(_of_field(draw, data, draw.choice(fields)))
        else:
            edits.append(_of_bytes(draw, data, words))
    return tuple(edits)


def _of_field(draw: random.Random, data: bytes, field: Field) -> Edit:
    """Limits of its size, powers of two, sizes of the data, and neighbours of what it holds."""
    raw = data[field.offset : field.offset + field.size_bytes]
    little = field.order == "little"
    now = int.from_bytes(raw, "little" if little else "big")
    bits = 8 * field.size_bytes
    value = draw.choice(
        (
            0,
            (1 << bits) - 1,
            (1 << bits - 1) + draw.choice((-1, 0)),
            1 << draw.randrange(bits),
            now ^ 1 << draw.randrange(bits),
            now + draw.choice(_NEAR),
            len(data) + draw.choice((0, *_NEAR)),
            draw.getrandbits(bits),
        )
    )
    new = (value & (1 << bits) - 1).to_bytes(field.size_bytes, "little" if little else "big")
    return Edit(field.name, field.offset, new)


def _of_bytes(draw: random.Random, data: bytes, words: Sequence[bytes]) -> Edit:
    at = draw.randrange(len(data) or 1)
    kind = draw.randrange(10)
    if kind == 0:
        return Edit("cut", at, b"")
    if kind <= 2:
        return Edit("insert", at, draw.choice((draw.randbytes(4), data[at : at + 16], bytes(64))))
    if kind <= 4 and words:
        return Edit("bytes", at, draw.choice(words))
    return Edit("byte", at, bytes((draw.choice((0, 0xFF, 0x7F, 0xC0, draw.randrange(256))),)))
