"""Descriptors of the SDIO wrapper in RAM, as the drivers lay them."""

from __future__ import annotations

import struct

from support.memory import FakeMemory

VALID = 1 << 31
DOWN_CHAIN, UP_CHAIN = 0x2000_0100, 0x2000_0200
DOWN_BUFFERS, UP_BUFFERS, COMMAND_BUFFER = 0x2000_1000, 0x2000_4000, 0x2000_8000
BUFFER_BYTES = 0x800
DESCRIPTORS = 2


def lay_down_chain(memory: FakeMemory) -> None:
    """Lay a ring of two free buffers for frames of the host."""
    for index in range(DESCRIPTORS):
        following = DOWN_CHAIN + 12 * (index ^ 1)
        words = (VALID, DOWN_BUFFERS + BUFFER_BYTES * index, following)
        memory.write(DOWN_CHAIN + 12 * index, struct.pack("<3I", *words))


def lay_up_chain(memory: FakeMemory, *frames: bytes) -> None:
    """Lay a ring of two frames for the host, those that are not given not valid."""
    for index in range(DESCRIPTORS):
        frame = frames[index] if index < len(frames) else b""
        buffer = UP_BUFFERS + BUFFER_BYTES * index
        memory.write(buffer, frame)
        words = (VALID if frame else 0, len(frame) << 12, buffer, 0, 0, UP_CHAIN + 24 * (index ^ 1))
        memory.write(UP_CHAIN + 24 * index, struct.pack("<6I", *words))


def is_valid(memory: FakeMemory, descriptor: int) -> bool:
    """Tell whether the hardware may use a descriptor."""
    return bool(memory.read(descriptor, 4)[3] & 0x80)
