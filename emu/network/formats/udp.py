"""UDP (RFC 768)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, Self

from emu.network.formats.checksum import checksum
from emu.network.formats.errors import check
from emu.network.formats.ipv4 import Ipv4, Protocol
from emu.network.formats.ipv6 import Ipv6

_HEADER: Final = struct.Struct(">HHHH")


@dataclass(frozen=True, slots=True)
class Udp:
    """One datagram."""

    source_port: int
    destination_port: int
    data: bytes

    @classmethod
    def parse(cls, packet: Ipv4 | Ipv6) -> Self:
        """Read the datagram of a packet; FormatError for a damaged one."""
        payload = packet.payload
        check(len(payload) >= _HEADER.size, f"a UDP datagram of {len(payload)} bytes")
        source, destination, length, given = _HEADER.unpack_from(payload)
        check(_HEADER.size <= length <= len(payload), f"a UDP datagram of {length} bytes in {len(payload)}")
        check(not given or checksum(packet.pseudo_header() + payload) == 0, "a damaged UDP datagram")
        return cls(source, destination, payload[_HEADER.size : length])

    def build(self) -> bytes:
        """Write it, without a checksum."""
        length = _HEADER.size + len(self.data)
        return _HEADER.pack(self.source_port, self.destination_port, length, 0) + self.data

    def packet(self, source: bytes, destination: bytes) -> Ipv4:
        """The packet that carries it from one address to another."""
        return Ipv4(source, destination, Protocol.UDP, self.build()).with_checksum()
