"""Digests: of what is kept, and of the source that has made it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

DIGEST_BYTES: Final = 16


def digest(data: bytes) -> bytes:
    """What tells data from others."""
    return hashlib.blake2b(data, digest_size=DIGEST_BYTES).digest()


def sealed(data: bytes) -> bytes:
    """Data as they are stored: behind their digest."""
    return digest(data) + data


def unsealed(record: bytes) -> bytes | None:
    """The data that were sealed; None if anything of them has changed."""
    data = record[DIGEST_BYTES:]
    return data if record[:DIGEST_BYTES] == digest(data) else None


@cache
def source_digest(*folders: str) -> bytes:
    """A digest of all source in folders of `emu`: another version of it makes other things."""
    emu = Path(__file__).parents[1]
    sources = sorted(source for folder in folders for source in (emu / folder).rglob("*.py"))
    return digest(b"".join(source.read_bytes() for source in sources))
