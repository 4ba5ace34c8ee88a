"""Bit patterns of single-precision numbers (IEEE 754)."""

from typing import Final

SIGN: Final = 0x8000_0000
ONE: Final = 0x3F80_0000
