"""ARP for IPv4 (RFC 826)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, Self

from emu.network.formats.errors import check

REQUEST, REPLY = 1, 2
_LAYOUT: Final = struct.Struct(">HHBBH6s4s6s4s")
_ETHERNET_IPV4: Final = (1, 0x0800, 6, 4)


@dataclass(frozen=True, slots=True)
class Arp:
    """Who has an address."""

    operation: int
    sender_mac: bytes
    sender_ip: bytes
    target_mac: bytes
    target_ip: bytes

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a packet; FormatError for a short one, or other kinds of addresses."""
        check(len(data) >= _LAYOUT.size, f"an ARP packet of {len(data)} bytes")
        *kinds, operation, sender_mac, sender_ip, target_mac, target_ip = _LAYOUT.unpack_from(data)
        check(tuple(kinds) == _ETHERNET_IPV4, "ARP for other addresses")
        return cls(operation, sender_mac, sender_ip, target_mac, target_ip)

    def build(self) -> bytes:
        """Write it."""
        sender, target = (self.sender_mac, self.sender_ip), (self.target_mac, self.target_ip)
        return _LAYOUT.pack(*_ETHERNET_IPV4, self.operation, *sender, *target)
