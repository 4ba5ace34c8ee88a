"""DHCPv6 messages between clients and servers (RFC 8415; DNS servers: RFC 3646)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Self

from emu.network.formats.errors import check

SERVER_PORT, CLIENT_PORT = 547, 546
REPLY, INFORMATION_REQUEST = 7, 11
_HEADER_BYTES: Final = 4
_OPTION: Final = struct.Struct(">HH")
_LINK_LAYER: Final = bytes.fromhex("0003 0001")
"""The kind of an identifier that is made of a MAC address."""


class Option(IntEnum):
    """The options that matter here."""

    CLIENT = 1
    SERVER = 2
    DNS_SERVERS = 23


@dataclass(frozen=True, slots=True)
class Dhcpv6:
    """One message."""

    type: int
    transaction: bytes
    """Three bytes."""
    options: dict[int, bytes]

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a message; FormatError for a damaged one."""
        check(len(data) >= _HEADER_BYTES, f"a DHCPv6 message of {len(data)} bytes")
        options: dict[int, bytes] = {}
        at = _HEADER_BYTES
        while at < len(data):
            check(at + _OPTION.size <= len(data), "a DHCPv6 option beyond the end")
            number, size = _OPTION.unpack_from(data, at)
            at += _OPTION.size + size
            check(at <= len(data), "a DHCPv6 option beyond the end")
            options[number] = data[at - size : at]
        return cls(data[0], data[1:_HEADER_BYTES], options)

    def build(self) -> bytes:
        """Write it."""
        options = (_OPTION.pack(number, len(value)) + value for number, value in self.options.items())
        return bytes((self.type,)) + self.transaction + b"".join(options)


def identifier(mac: bytes) -> bytes:
    """What a server or client of that MAC address calls itself (DUID-LL)."""
    return _LINK_LAYER + mac
