"""Memory as a DMA master sees it, without a bus."""

from __future__ import annotations

from peripherals.framework.errors import BusError


class FakeMemory:
    """One stretch of RAM; nothing answers elsewhere."""

    def __init__(self, base: int = 0x2000_0000, size_bytes: int = 0x1_0000) -> None:
        self.base = base
        self.content = bytearray(size_bytes)

    def read(self, address: int, size_bytes: int) -> bytes:
        start = self._start(address, size_bytes)
        return bytes(self.content[start : start + size_bytes])

    def write(self, address: int, data: bytes) -> None:
        start = self._start(address, len(data))
        self.content[start : start + len(data)] = data

    def _start(self, address: int, size_bytes: int) -> int:
        start = address - self.base
        if start < 0 or start + size_bytes > len(self.content):
            raise BusError(address)
        return start
