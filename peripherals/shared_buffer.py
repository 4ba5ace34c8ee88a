"""The 1 KB of RAM at the start of the RSA block, which is also the data FIFO of the flash controller."""

from __future__ import annotations

from typing import Final

BUFFER_SIZE: Final = 1024


class SharedBuffer:
    """Plain memory of two masters: X, Y, M and D of the multiplier, and the data of a flash command.

    Neither master needs to see single accesses, so the machine may map `contents` into the CPU like RAM.
    """

    def __init__(self, contents: bytearray | memoryview | None = None) -> None:
        self.contents = memoryview(bytearray(BUFFER_SIZE) if contents is None else contents).cast("B")
        if len(self.contents) != BUFFER_SIZE:
            raise ValueError(f"shared buffer of {len(self.contents):#x} bytes, it has {BUFFER_SIZE:#x}")

    def read(self, offset: int, size_bytes: int) -> int:
        """Answer a bus read."""
        return int.from_bytes(self.contents[offset : offset + size_bytes], "little")

    def write(self, offset: int, value: int, size_bytes: int) -> None:
        """Take a bus write."""
        self.contents[offset : offset + size_bytes] = value.to_bytes(size_bytes, "little")

    def save(self) -> bytes:
        """Take a snapshot."""
        return bytes(self.contents)

    def restore(self, snapshot: bytes) -> None:
        """Go back to a snapshot."""
        self.contents[:] = snapshot
