"""Compression around a whole file: gzip and xz."""

from __future__ import annotations

import gzip
import io
import lzma
import zlib
from typing import Final

from emu.loader.errors import LoadError, Origin
from emu.loader.recognise import Format, recognise

UNPACKED_LIMIT_BYTES: Final = 64 << 20
"""More is no firmware: the largest flash has 16 MB, and debug information is a few times the code."""

_DEPTH: Final = 4


def unwrap(data: bytes, origin: Origin) -> tuple[bytes, Format]:
    """Unpack a file as often as it is packed; returns what is inside, and its format."""
    for _ in range(_DEPTH):
        found = recognise(data, origin)
        if found not in (Format.GZIP, Format.XZ):
            return data, found
        data = _unpacked(data, found, origin)
    raise origin.error("format", f"packed more than {_DEPTH - 1} times: give the firmware inside")


def unwrap_raw(data: bytes, origin: Origin) -> bytes:
    """Unpack raw code; a LoadError for a format that says by itself where its bytes lie."""
    try:
        data, found = unwrap(data, origin)
    except LoadError:
        found = Format.RAW  # unknown: taken as the user says
    if not data:
        raise origin.error("raw code", "no bytes: give a file with code")
    if found is not Format.RAW:
        raise origin.error("format", f"this is {found}, which says itself where it lies: leave the base out")
    return data


def _unpacked(data: bytes, found: Format, origin: Origin) -> bytes:
    opened = gzip.open if found is Format.GZIP else lzma.open
    try:
        with opened(io.BytesIO(data)) as stream:
            unpacked = bytes(stream.read(UNPACKED_LIMIT_BYTES + 1))
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise origin.error(f"{found} stream", f"damaged or truncated ({error}): copy it again") from None
    if len(unpacked) > UNPACKED_LIMIT_BYTES:
        raise origin.error(
            f"{found} stream", f"unpacks to more than {UNPACKED_LIMIT_BYTES >> 20} MB: that is no firmware"
        )
    return unpacked
