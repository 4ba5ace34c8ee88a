"""The 1 KB of RAM at the start of the RSA block, which is also the data FIFO of the flash controller."""

from __future__ import annotations

from peripherals.framework.memory_block import MemoryBlock


class SharedBuffer(MemoryBlock):
    """Plain memory of two masters: X, Y, M and D of the multiplier, and the data of a flash command."""

    size_bytes = 0x400
