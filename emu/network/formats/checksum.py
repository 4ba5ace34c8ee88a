"""The Internet checksum (RFC 1071), and where TCP, UDP and ICMPv6 have it."""

from __future__ import annotations

from typing import Final

CHECKSUM_AT: Final = {6: 16, 17: 6, 58: 2}
"""Of TCP, UDP and ICMPv6, by the numbers of the protocols."""


def checksum(data: bytes) -> int:
    """The checksum; 0 over data with a right one in it."""
    # A sum with end-around carry is the number modulo 0xFFFF, which a big integer gives at once.
    number = int.from_bytes(data + bytes(len(data) & 1), "big")
    return ~(number % 0xFFFF or (0xFFFF if number else 0)) & 0xFFFF


def with_checksum(protocol: int, payload: bytes, pseudo_header: bytes) -> bytes:
    """The payload of a packet with the right checksum of one of these protocols."""
    at = CHECKSUM_AT[protocol]
    blank = payload[:at] + bytes(2) + payload[at + 2 :]
    total = checksum(pseudo_header + blank) or 0xFFFF
    return blank[:at] + total.to_bytes(2, "big") + blank[at + 2 :]
