"""ICMPv6 (RFC 4443): echo, what cannot be reached, and neighbour discovery (RFC 4861)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, Self

from emu.network.formats.errors import check
from emu.network.formats.ipv6 import Ipv6, NextHeader

UNREACHABLE, ECHO_REQUEST, ECHO_REPLY = 1, 128, 129
PORT_UNREACHABLE: Final = 4
ROUTER_SOLICITATION, ROUTER_ADVERTISEMENT = 133, 134
NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT = 135, 136
DISCOVERY_HOPS: Final = 255
"""Hop limit of neighbour discovery: so it cannot come from afar."""
_SOURCE_LINK, _TARGET_LINK, _PREFIX, _MTU, _DNS_SERVERS = 1, 2, 3, 5, 25
_ON_LINK_AND_AUTONOMOUS: Final = 0xC0
_MORE_BY_DHCPV6: Final = 0x40
"""Besides addresses: the flag O."""
_FROM_ROUTER_SOLICITED_OVERRIDE: Final = 0xE0


@dataclass(frozen=True, slots=True)
class Icmpv6:
    """One message."""

    type: int
    code: int
    rest: bytes
    """All behind the checksum."""

    @classmethod
    def parse(cls, packet: Ipv6) -> Self:
        """Read the message of a packet; FormatError for a damaged one."""
        check(len(packet.payload) >= 8 and packet.is_whole, "a damaged ICMPv6 message")
        return cls(packet.payload[0], packet.payload[1], packet.payload[4:])

    def packet(self, source: bytes, destination: bytes, hop_limit: int = 64) -> Ipv6:
        """The packet that carries it from one address to another."""
        payload = bytes((self.type, self.code, 0, 0)) + self.rest
        return Ipv6(source, destination, NextHeader.ICMPV6, payload, hop_limit).with_checksum()

    @property
    def target(self) -> bytes:
        """The address that neighbour discovery is about."""
        return self.rest[4:20]


@dataclass(frozen=True, slots=True)
class RouterAdvertisement:
    """What a router says of itself and of its network."""

    mac: bytes
    prefix: bytes
    """16 bytes, of which 64 bits count; devices make their addresses of it (SLAAC)."""
    dns_server: bytes
    lifetime_s: int
    mtu: int = 1500

    def message(self) -> Icmpv6:
        """Write it."""
        lifetime = self.lifetime_s
        fixed = struct.pack(">BBHII", 64, _MORE_BY_DHCPV6, lifetime, 0, 0)
        prefix = struct.pack(">BBIII", 64, _ON_LINK_AND_AUTONOMOUS, lifetime, lifetime, 0) + self.prefix
        options = (
            (_SOURCE_LINK, self.mac),
            (_MTU, struct.pack(">HI", 0, self.mtu)),
            (_PREFIX, prefix),
            (_DNS_SERVERS, struct.pack(">HI", 0, lifetime) + self.dns_server),
        )
        return Icmpv6(ROUTER_ADVERTISEMENT, 0, fixed + b"".join(_option(*option) for option in options))


def neighbour_advertisement(target: bytes, mac: bytes) -> Icmpv6:
    """A router's answer to who asks for one of its addresses."""
    flags = _FROM_ROUTER_SOLICITED_OVERRIDE << 24
    return Icmpv6(NEIGHBOUR_ADVERTISEMENT, 0, flags.to_bytes(4, "big") + target + _option(_TARGET_LINK, mac))


def _option(number: int, content: bytes) -> bytes:
    return bytes((number, (len(content) + 2) // 8)) + content
