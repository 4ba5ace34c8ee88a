"""Ethernet frames, and the LLC header that stands for their type on the air."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Self

from emu.network.formats.errors import check

_HEADER_BYTES: Final = 14
_SNAP: Final = (b"\xaa\xaa\x03\x00\x00\x00", b"\xaa\xaa\x03\x00\x00\xf8")


class EtherType(IntEnum):
    """What a frame carries."""

    IPV4 = 0x0800
    ARP = 0x0806
    IPV6 = 0x86DD
    EAPOL = 0x888E


@dataclass(frozen=True, slots=True)
class Ethernet:
    """One frame, without FCS and padding."""

    destination: bytes
    source: bytes
    type: int
    payload: bytes

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a frame; FormatError if it is too short."""
        check(len(data) >= _HEADER_BYTES, f"an Ethernet frame of {len(data)} bytes")
        return cls(data[:6], data[6:12], int.from_bytes(data[12:14], "big"), data[14:])

    def build(self) -> bytes:
        """Write it."""
        return self.destination + self.source + self.type.to_bytes(2, "big") + self.payload

    @classmethod
    def from_air(cls, destination: bytes, source: bytes, body: bytes) -> Self:
        """What the body of a data frame carries; FormatError without an LLC/SNAP header."""
        check(len(body) >= 8 and body[:6] in _SNAP, "a data frame without LLC/SNAP header")
        return cls(destination, source, int.from_bytes(body[6:8], "big"), body[8:])

    @property
    def for_air(self) -> bytes:
        """The body of a data frame that carries it."""
        return _SNAP[0] + self.type.to_bytes(2, "big") + self.payload
