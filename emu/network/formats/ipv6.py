"""IPv6 packets (RFC 8200), whole ones only."""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final, Self

from emu.network.formats.checksum import CHECKSUM_AT, checksum, with_checksum
from emu.network.formats.errors import check

_HEADER: Final = struct.Struct(">IHBB16s16s")
_HOP_BY_HOP, _ROUTING, _DESTINATION_OPTIONS = 0, 43, 60
_EXTENSIONS: Final = (_HOP_BY_HOP, _ROUTING, _DESTINATION_OPTIONS)


class NextHeader(IntEnum):
    """What a packet carries."""

    TCP = 6
    UDP = 17
    FRAGMENT = 44
    ICMPV6 = 58


@dataclass(frozen=True, slots=True)
class Ipv6:
    """One packet without extension headers."""

    source: bytes
    destination: bytes
    next_header: int
    payload: bytes
    hop_limit: int = 64

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a packet, past its extension headers; FormatError for a damaged one and for fragments."""
        check(len(data) >= _HEADER.size, f"an IPv6 packet of {len(data)} bytes")
        version, length, kind, hops, source, destination = _HEADER.unpack_from(data)
        end, at = _HEADER.size + length, _HEADER.size
        check(version >> 28 == 6 and end <= len(data), f"an IPv6 packet of {end} bytes in {len(data)}")
        while kind in _EXTENSIONS:
            check(at + 8 <= end, "an IPv6 extension header beyond the end")
            kind, at = data[at], at + 8 * (data[at + 1] + 1)
        check(kind != NextHeader.FRAGMENT, "a fragment of an IPv6 packet")
        check(at <= end, "an IPv6 extension header beyond the end")
        return cls(source, destination, kind, data[at:end], hops)

    def build(self) -> bytes:
        """Write it."""
        fields = 6 << 28, len(self.payload), self.next_header, self.hop_limit
        return _HEADER.pack(*fields, self.source, self.destination) + self.payload

    def pseudo_header(self) -> bytes:
        """What the checksums of the protocols above cover besides the payload."""
        return self.source + self.destination + struct.pack(">II", len(self.payload), self.next_header)

    @property
    def is_whole(self) -> bool:
        """Whether the checksum of what it carries is right; True for protocols without one."""
        has_checksum = self.next_header in CHECKSUM_AT
        return not has_checksum or checksum(self.pseudo_header() + self.payload) == 0

    def with_checksum(self) -> Self:
        """The same with the right checksum in its TCP segment, UDP datagram or ICMPv6 message."""
        return replace(self, payload=with_checksum(self.next_header, self.payload, self.pseudo_header()))


def parse_ipv6(text: str) -> bytes:
    """The 16 bytes of `fe80::2`; ValueError for something else."""
    return ipaddress.IPv6Address(text).packed


def ipv6_text(address: bytes) -> str:
    """Sixteen bytes as `fe80::2`."""
    return str(ipaddress.IPv6Address(address))
