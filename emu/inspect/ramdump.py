"""The dump of registers and RAM that `wm.py debug` of the SDK opens."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final

REGISTERS: Final = (*(f"r{number}" for number in range(16)), "psr", "pc")
"""What the SDK's exception handler saves, in its order (vectors.S, trap_c.c): as before the exception."""


def ramdump(registers: Mapping[str, int], sram: bytes) -> bytes:
    """Put a dump together: 18 words, then the whole SRAM (ramdump.py; wm_output_ramdump in wm_debug.c)."""
    return struct.pack(f"<{len(REGISTERS)}I", *(registers[name] for name in REGISTERS)) + sram
