"""The wires of an SD card, seen from its host.

Source: SD Association, Physical Layer Simplified Specification 6.0, chapters 3 and 4.
"""

from __future__ import annotations

from typing import Protocol


def crc7(data: bytes) -> int:
    """The checksum of commands, responses, CID and CSD: x7 + x3 + 1."""
    crc = 0
    for byte in data:
        for bit in range(7, -1, -1):
            crc = (crc << 1 ^ (0x09 if (crc >> 6 ^ byte >> bit) & 1 else 0)) & 0x7F
    return crc


class SdWires(Protocol):
    """What is at the other end; all calls come when the bits are over."""

    def command(self, frame: bytes) -> bytes:
        """Take the 6 bytes of a command; gives the 6 or 17 of the response, none if nobody answers."""
        ...

    def read(self, size_bytes: int, lines: int) -> bytes:
        """Give a block; nothing: none begins. One of another size than asked for spoils the checksum."""
        ...

    def write(self, data: bytes, lines: int) -> int:
        """Take a block; gives the 3 bits of the CRC status: 010 accepted, 101 refused, 111 from nobody."""
        ...

    def busy_ns(self) -> int:
        """How much longer DAT0 is held low."""
        ...

    def exchange(self, sent: bytes) -> bytes:
        """Let bytes pass in SPI mode, and give as many back."""
        ...


class NothingConnected:
    """Wires with pull-ups."""

    def command(self, frame: bytes) -> bytes:
        """Nobody answers."""
        return b""

    def read(self, size_bytes: int, lines: int) -> bytes:
        """No block begins."""
        return b""

    def write(self, data: bytes, lines: int) -> int:
        """Nobody tells."""
        return 0b111

    def busy_ns(self) -> int:
        """Nobody holds it low."""
        return 0

    def exchange(self, sent: bytes) -> bytes:
        """Ones come back."""
        return b"\xff" * len(sent)
