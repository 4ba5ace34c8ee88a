"""Where raw code runs, told by its vector table."""

from __future__ import annotations

import struct
from typing import Final

from emu.memory_map import FLASH_BASE, FLASH_END, SRAM_BASE, SRAM_END

VECTOR_COUNT: Final = 64
VECTORS_SIZE: Final = 4 * VECTOR_COUNT
VECTOR_ALIGNMENT: Final = 0x400
"""Of a vector table: VBR has no bits below (rom.rst)."""

_HANDLERS: Final = 32
"""The exceptions; the SDKs fill the other half, the interrupts, as well, bare-metal programs need not."""


def is_runnable(address: int) -> bool:
    """Tell whether code can lie at an address: in the flash window or in RAM."""
    return FLASH_BASE <= address < FLASH_END or SRAM_BASE <= address < SRAM_END


def vector_base(data: bytes) -> int | None:
    """Where code has to lie so that all its exception vectors point into it; None for anything else.

    Start-up code follows its vectors, so the lowest vector tells the table's place: the SDKs' start-up files
    put the reset handler and the default handler within 1 KB behind it.
    """
    if len(data) < VECTORS_SIZE:
        return None
    vectors = struct.unpack_from(f"<{_HANDLERS}I", data)
    base = min(vectors) - VECTORS_SIZE & -VECTOR_ALIGNMENT
    if not is_runnable(base) or any(vector & 1 for vector in vectors):
        return None
    return base if max(vectors) < base + len(data) else None
