"""Which parts of a memory a snapshot changes: others need not hear of all of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

PIECE_BYTES: Final = 0x1000


def differences(memory: bytearray | memoryview, contents: bytes) -> Iterator[tuple[int, bytes]]:
    """Give (offset, bytes) of each piece of `contents` that is not what the memory holds."""
    if len(memory) != len(contents):
        raise ValueError(f"a snapshot of {len(contents):,} bytes for a memory of {len(memory):,}")
    now = bytes(memory)
    if now == contents:
        return
    for offset in range(0, len(contents), PIECE_BYTES):
        piece = contents[offset : offset + PIECE_BYTES]
        if now[offset : offset + PIECE_BYTES] != piece:
            yield offset, piece
