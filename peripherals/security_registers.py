"""The three one-time lockable 512-byte registers of a serial flash, outside its memory array."""

from __future__ import annotations

from typing import Final

REGISTER_SIZE: Final = 512
_COUNT: Final = 3
_ERASED_REGISTER: Final = bytes([0xFF]) * REGISTER_SIZE


class SecurityRegisters:
    """Addressed like memory: register 1 at 0x1000, 2 at 0x2000, 3 at 0x3000; nothing elsewhere."""

    def __init__(self) -> None:
        self._registers = [bytearray(_ERASED_REGISTER) for _ in range(_COUNT)]

    def index(self, address: int) -> int | None:
        """Tell which register (0, 1, 2) an address means; None for no register."""
        index = (address >> 12) - 1
        return index if 0 <= index < _COUNT else None

    def read(self, address: int) -> bytes:
        """Give the whole register from the address on, wrapping to its start; nothing where there is none."""
        index = self.index(address)
        if index is None:
            return b""
        start = address % REGISTER_SIZE
        register = self._registers[index]
        return bytes(register[start:] + register[:start])

    def page(self, index: int, offset: int, size_bytes: int) -> memoryview:
        """Give a writable view of a part of a register."""
        return memoryview(self._registers[index])[offset : offset + size_bytes]

    def erase(self, index: int) -> None:
        """Set every bit of a register."""
        self._registers[index][:] = _ERASED_REGISTER

    def save(self) -> list[bytes]:
        """Take a snapshot."""
        return [bytes(register) for register in self._registers]

    def restore(self, snapshot: list[bytes]) -> None:
        """Go back to a snapshot."""
        self._registers = [bytearray(register) for register in snapshot]
