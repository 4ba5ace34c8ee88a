"""Cyclic redundancy checks as a shift register computes them: most significant bit first, no final inversion.

The fast functions of the standard library do the work where they know the polynomial.
"""

from __future__ import annotations

import binascii
import zlib
from enum import IntEnum
from functools import lru_cache
from typing import Final

_POLYNOMIALS: Final = {8: 0x07, 16: 0x8005}


class CrcKind(IntEnum):
    """The checks of the engine, with the SDK's numbers (wm_gpsec_crc_type_t)."""

    CRC8 = 0  # polynomial 0x07: W806 manual, 7.3.7
    CRC16_MODBUS = 1
    CRC16_CCITT = 2
    CRC32 = 3

    @property
    def width_bits(self) -> int:
        """The bits of the register."""
        return (8, 16, 16, 32)[self]


def reverse_bits(value: int, width_bits: int) -> int:
    """Give the value with its lowest bit as the highest."""
    return int(f"{value:0{width_bits}b}"[::-1], 2)


_REVERSED_BYTES: Final = bytes(reverse_bits(byte, 8) for byte in range(256))


def crc_update(kind: CrcKind, state: int, data: bytes, *, reverse_input: bool) -> int:
    """Shift the data into the register `state`, each byte low bit first if `reverse_input`; return it."""
    if kind is CrcKind.CRC32:
        return _crc32(state, data if reverse_input else data.translate(_REVERSED_BYTES))
    if reverse_input:
        data = data.translate(_REVERSED_BYTES)
    if kind is CrcKind.CRC16_CCITT:
        return binascii.crc_hqx(data, state)
    return _by_table(kind.width_bits, state, data)


def _crc32(state: int, data: bytes) -> int:
    """Use zlib, which keeps the register low bit first and inverts it on the way in and out."""
    inverted = reverse_bits(state, 32) ^ 0xFFFF_FFFF
    return reverse_bits(zlib.crc32(data, inverted) ^ 0xFFFF_FFFF, 32)


def _by_table(width_bits: int, state: int, data: bytes) -> int:
    table = _table(width_bits)
    shift, mask = width_bits - 8, (1 << width_bits) - 1
    for byte in data:
        state = (state << 8 & mask) ^ table[state >> shift ^ byte]
    return state


@lru_cache
def _table(width_bits: int) -> tuple[int, ...]:
    return tuple(_shifted_by_8(byte << width_bits - 8, width_bits) for byte in range(256))


def _shifted_by_8(state: int, width_bits: int) -> int:
    for _ in range(8):
        state <<= 1
        if state >> width_bits:
            state ^= 1 << width_bits | _POLYNOMIALS[width_bits]
    return state
