"""Unpacking as the classic secboots do it: the inflate of gzip 1.2.4, with its quirks, window by window.

Neither the gzip header's magic number nor the checksum behind the data is of interest to them.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Final

WINDOW_SIZE: Final = 0x8000
"""What is written at once."""
INPUT_SIZE: Final = 0x2000

_MAGICS: Final = (b"\x1f\x8b", b"\x1f\x9e")
_MAGIC_SIZE: Final = 2
_FLAGS: Final = 3
_FIXED_HEADER_SIZE: Final = 10
_HAS_NAME: Final = 1 << 3
"""Other optional fields are not skipped."""


class DamagedStreamError(Exception):
    """The decoder gives up: what its window holds is not written."""


def inflate(read: Callable[[int, int], bytes], size_bytes: int) -> Iterator[bytes]:
    """Unpack a gzip stream; `read` gives (offset, size) bytes of it.

    A truncated one never ends, because the decoder goes on with ones. What zlib calls damaged and inflate
    would take, a distance that leads to before the data, counts as damage.
    """
    decoder = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    chunks = _chunks(read, size_bytes)
    chunk = _behind_header(next(chunks))
    window = b""
    while True:
        decoded, is_damaged = _decode(decoder, chunk)
        window += decoded
        while len(window) >= WINDOW_SIZE:
            yield window[:WINDOW_SIZE]
            window = window[WINDOW_SIZE:]
        if is_damaged:
            raise DamagedStreamError
        if decoder.eof:
            break
        chunk = next(chunks)
    if window:
        yield window


def _chunks(read: Callable[[int, int], bytes], size_bytes: int) -> Iterator[bytes]:
    """Yield what the input buffer holds time after time; behind the end it is always ones.

    The end is seen when what is left is as much as was read before: the last 8 KB of data whose size is
    a multiple of that are never read, unless there are no others.
    """
    offset = 0
    while size_bytes - offset > INPUT_SIZE:
        yield read(offset, INPUT_SIZE)
        offset += INPUT_SIZE
    if not offset or size_bytes - offset < INPUT_SIZE:
        yield read(offset, size_bytes - offset)
    while True:
        yield b"\xff" * INPUT_SIZE


def _behind_header(chunk: bytes) -> bytes:
    if not chunk.startswith(_MAGICS):
        return chunk[_MAGIC_SIZE:]
    if chunk[_FLAGS : _FLAGS + 1] and chunk[_FLAGS] & _HAS_NAME:
        return chunk[_FIXED_HEADER_SIZE:].partition(b"\0")[2]
    return chunk[_FIXED_HEADER_SIZE:]


def _decode(decoder: zlib._Decompress, chunk: bytes) -> tuple[bytes, bool]:
    """Unpack a chunk; with what comes before the damage if it is damaged."""
    untouched = decoder.copy()
    try:
        return decoder.decompress(chunk), False
    except zlib.error:
        pass
    decoded = b""
    for position in range(len(chunk)):
        try:
            decoded += untouched.decompress(chunk[position : position + 1])
        except zlib.error:
            break
    return decoded, True
