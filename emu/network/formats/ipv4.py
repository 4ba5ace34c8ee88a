"""IPv4 packets (RFC 791), whole ones only."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final, Self

from emu.network.formats.checksum import checksum, with_checksum
from emu.network.formats.errors import check

_HEADER: Final = struct.Struct(">BBHHHBBH4s4s")
_FRAGMENTED: Final = 0x3FFF


class Protocol(IntEnum):
    """What a packet carries."""

    ICMP = 1
    IGMP = 2
    TCP = 6
    UDP = 17


@dataclass(frozen=True, slots=True)
class Ipv4:
    """One packet without options."""

    source: bytes
    destination: bytes
    protocol: int
    payload: bytes
    identification: int = 0
    time_to_live: int = 64

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a packet; FormatError for a damaged one and for fragments."""
        check(len(data) >= _HEADER.size, f"an IPv4 packet of {len(data)} bytes")
        version, _, total, number, fragment, left, protocol, _, source, target = _HEADER.unpack_from(data)
        length = (version & 0xF) * 4
        check(version >> 4 == 4 and length >= _HEADER.size, f"IPv4 version and length {version:#x}")
        check(length <= total <= len(data), f"an IPv4 packet of {total} bytes in {len(data)}")
        check(checksum(data[:length]) == 0, "the checksum of an IPv4 header is wrong")
        check(not fragment & _FRAGMENTED, "a fragment of an IPv4 packet")
        return cls(source, target, protocol, data[length:total], number, left)

    def build(self) -> bytes:
        """Write it."""
        fields = 0x45, 0, _HEADER.size + len(self.payload), self.identification, 0x4000, self.time_to_live
        ends = self.source, self.destination
        header = _HEADER.pack(*fields, self.protocol, 0, *ends)
        return _HEADER.pack(*fields, self.protocol, checksum(header), *ends) + self.payload

    def pseudo_header(self) -> bytes:
        """What the checksums of UDP and TCP cover besides the payload."""
        return self.source + self.destination + struct.pack(">HH", self.protocol, len(self.payload))

    def with_checksum(self) -> Self:
        """The same with the right checksum in its TCP segment or UDP datagram."""
        return replace(self, payload=with_checksum(self.protocol, self.payload, self.pseudo_header()))
