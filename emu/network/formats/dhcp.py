"""DHCP messages (RFC 2131, options: RFC 2132)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Self

from emu.network.formats.errors import check

SERVER_PORT, CLIENT_PORT = 67, 68
_HEADER: Final = struct.Struct(">BBBB4sHH4s4s4s4s16s64s128s4s")
_MAGIC: Final = b"\x63\x82\x53\x63"
_LEAST_BYTES: Final = 300


class MessageType(IntEnum):
    """What a message wants or says."""

    DISCOVER = 1
    OFFER = 2
    REQUEST = 3
    DECLINE = 4
    ACK = 5
    NAK = 6
    RELEASE = 7
    INFORM = 8


class Option(IntEnum):
    """The options that matter here."""

    PAD = 0
    SUBNET_MASK = 1
    ROUTER = 3
    DNS_SERVER = 6
    HOST_NAME = 12
    REQUESTED_ADDRESS = 50
    LEASE_TIME = 51
    MESSAGE_TYPE = 53
    SERVER = 54
    END = 255


@dataclass(frozen=True, slots=True)
class Dhcp:
    """One message."""

    operation: int
    """1 of a client, 2 of a server."""
    transaction: bytes
    hardware_address: bytes
    type: int
    options: dict[int, bytes]
    """Without the type."""
    client: bytes = bytes(4)
    yours: bytes = bytes(4)
    server: bytes = bytes(4)

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a message; FormatError for a damaged one."""
        check(len(data) >= _HEADER.size, f"a DHCP message of {len(data)} bytes")
        fields = _HEADER.unpack_from(data)
        operation, transaction, hardware, magic = fields[0], fields[4], fields[11], fields[14]
        check(magic == _MAGIC, "a BOOTP message without DHCP options")
        options = _parse_options(data[_HEADER.size :])
        kind = options.pop(Option.MESSAGE_TYPE, b"")
        check(len(kind) == 1, "a DHCP message without a type")
        return cls(operation, transaction, hardware[:6], kind[0], options, *fields[7:10])

    def build(self) -> bytes:
        """Write it."""
        addresses = self.client, self.yours, self.server, bytes(4)
        hardware = self.hardware_address.ljust(16, b"\0")
        header = _HEADER.pack(
            *(self.operation, 1, 6, 0, self.transaction, 0, 0x8000),
            *(*addresses, hardware, bytes(64), bytes(128), _MAGIC),
        )
        options = {Option.MESSAGE_TYPE: bytes((self.type,)), **self.options}
        content = b"".join(bytes((number, len(value))) + value for number, value in options.items())
        return (header + content + bytes((Option.END,))).ljust(_LEAST_BYTES, b"\0")


def _parse_options(data: bytes) -> dict[int, bytes]:
    options: dict[int, bytes] = {}
    at = 0
    while at < len(data) and data[at] != Option.END:
        if data[at] == Option.PAD:
            at += 1
            continue
        check(at + 1 < len(data) and at + 2 + data[at + 1] <= len(data), "a DHCP option beyond the end")
        options[data[at]] = data[at + 2 : at + 2 + data[at + 1]]
        at += 2 + data[at + 1]
    return options
