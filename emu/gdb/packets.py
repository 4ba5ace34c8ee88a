"""The framing of gdb's remote protocol: what arrives becomes packets, answers become bytes.

Source: Debugging with GDB, appendix "GDB Remote Serial Protocol", sections Overview and Packet
Acknowledgment.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from typing import Final

PACKET_BYTES: Final = 0x4000
"""The longest packet that is taken, and answered, without its frame."""
ACK: Final = b"+"
NAK: Final = b"-"
_ESCAPE: Final = ord("}")
_FLIP: Final = 0x20
_ESCAPED: Final = frozenset(b"}$#*")
_DIGITS: Final = frozenset(b"0123456789abcdefABCDEF")


class Mark(Enum):
    """What arrives besides packets."""

    INTERRUPT = auto()
    """Ctrl-C."""
    DAMAGED = auto()
    """A packet with a wrong checksum, or one that is too long."""
    NAK = auto()
    """The client has received damaged bytes: it wants the last answer again."""


class PacketReader:
    """Cuts what arrives, in pieces of any size, into the contents of packets and marks."""

    def __init__(self) -> None:
        self._body: bytearray | None = None
        """The packet under way; None: between packets."""
        self._checksum: bytearray | None = None
        """The digits of it that have arrived; None: the body is not complete."""

    def feed(self, data: bytes) -> Iterator[bytes | Mark]:
        """Take bytes, and give what is complete with them, unescaped."""
        for byte in data:
            event = self._take(byte)
            if event is not None:
                yield event

    def _take(self, byte: int) -> bytes | Mark | None:
        if byte == ord("$"):  # also inside of one, whose end is lost then
            self._body, self._checksum = bytearray(), None
        elif self._body is None:
            return {0x03: Mark.INTERRUPT, ord("-"): Mark.NAK}.get(byte)
        elif self._checksum is not None:
            self._checksum.append(byte)
            if len(self._checksum) == 2:
                return self._end(self._body, bytes(self._checksum))
        elif byte == ord("#"):
            self._checksum = bytearray()
        else:
            self._body.append(byte)
            if len(self._body) > PACKET_BYTES:
                self._body = None
                return Mark.DAMAGED
        return None

    def _end(self, body: bytearray, digits: bytes) -> bytes | Mark:
        self._body = self._checksum = None
        if not _DIGITS.issuperset(digits) or int(digits, 16) != sum(body) & 0xFF:
            return Mark.DAMAGED
        return _unescape(body)


def frame(contents: bytes) -> bytes:
    """The bytes on the wire of a packet with these contents."""
    escaped = bytearray()
    for byte in contents:
        escaped += bytes((_ESCAPE, byte ^ _FLIP)) if byte in _ESCAPED else bytes((byte,))
    return b"$" + escaped + b"#%02x" % (sum(escaped) & 0xFF)


def _unescape(body: bytearray) -> bytes:
    if _ESCAPE not in body:
        return bytes(body)
    contents, flip = bytearray(), 0
    for byte in body:
        if byte == _ESCAPE and not flip:
            flip = _FLIP
        else:
            contents.append(byte ^ flip)
            flip = 0
    return bytes(contents)
