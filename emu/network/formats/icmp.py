"""ICMP (RFC 792): echo, and what cannot be reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from emu.network.formats.checksum import checksum
from emu.network.formats.errors import check
from emu.network.formats.ipv4 import Ipv4, Protocol

ECHO_REPLY, UNREACHABLE, ECHO_REQUEST = 0, 3, 8
PORT_UNREACHABLE = 3


@dataclass(frozen=True, slots=True)
class Icmp:
    """One message."""

    type: int
    code: int
    rest: bytes
    """All behind the checksum."""

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a message; FormatError for a damaged one."""
        check(len(data) >= 8 and checksum(data) == 0, "a damaged ICMP message")
        return cls(data[0], data[1], data[4:])

    def build(self) -> bytes:
        """Write it."""
        head = bytes((self.type, self.code))
        return head + checksum(head + bytes(2) + self.rest).to_bytes(2, "big") + self.rest


def reply_to(packet: Ipv4) -> Ipv4 | None:
    """The answer to a ping; None for another message. FormatError for a damaged one."""
    message = Icmp.parse(packet.payload)
    if message.type != ECHO_REQUEST:
        return None
    reply = Icmp(ECHO_REPLY, 0, message.rest).build()
    return Ipv4(packet.destination, packet.source, Protocol.ICMP, reply)
