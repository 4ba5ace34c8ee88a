"""Checksums that parts send with their data."""

from __future__ import annotations


def crc8(data: bytes, *, polynomial: int, start: int = 0) -> int:
    """CRC of 8 bits, the high bit of each byte first."""
    crc = start
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ (polynomial if crc & 0x80 else 0)) & 0xFF
    return crc


def crc8_reflected(data: bytes, *, polynomial: int) -> int:
    """CRC of 8 bits, the low bit of each byte first; the polynomial is written so, too."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (polynomial if crc & 1 else 0)
    return crc
