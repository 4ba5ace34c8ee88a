"""The checksum of image headers, image bodies and factory parameters."""

from __future__ import annotations

import zlib
from typing import Final

_ALL_ONES: Final = 0xFFFF_FFFF


def crc32(data: bytes) -> int:
    """CRC-32 (reflected, polynomial 0x04C1_1DB7) without the final inversion (bin2img.py)."""
    return zlib.crc32(data) ^ _ALL_ONES
