"""TCP segments (RFC 9293)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, Self

from emu.network.formats.checksum import checksum
from emu.network.formats.errors import check
from emu.network.formats.ipv4 import Ipv4, Protocol

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
_HEADER: Final = struct.Struct(">HHIIBBHHH")
_MSS: Final = 2


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment; of its options the largest segment size alone is looked at."""

    source_port: int
    destination_port: int
    sequence: int
    acknowledgement: int
    flags: int
    window: int
    data: bytes = b""
    segment_bytes: int | None = None
    """What the sender takes at most in one segment; in a SYN only."""

    @property
    def length(self) -> int:
        """How far it moves the sequence on."""
        return len(self.data) + bool(self.flags & SYN) + bool(self.flags & FIN)

    @classmethod
    def parse(cls, packet: Ipv4) -> Self:
        """Read the segment of a packet; FormatError for a damaged one."""
        payload = packet.payload
        check(len(payload) >= _HEADER.size, f"a TCP segment of {len(payload)} bytes")
        source, target, sequence, acknowledgement, offset, flags, window, _, _ = _HEADER.unpack_from(payload)
        start = (offset >> 4) * 4
        check(_HEADER.size <= start <= len(payload), f"a TCP header of {start} bytes")
        check(checksum(packet.pseudo_header() + payload) == 0, "a damaged TCP segment")
        size = _segment_bytes(payload[_HEADER.size : start])
        return cls(source, target, sequence, acknowledgement, flags, window, payload[start:], size)

    def packet(self, source: bytes, destination: bytes) -> Ipv4:
        """The packet that carries it from one address to another."""
        options = b"" if self.segment_bytes is None else struct.pack(">BBH", _MSS, 4, self.segment_bytes)
        offset = (_HEADER.size + len(options)) // 4 << 4
        ports, places = (self.source_port, self.destination_port), (self.sequence, self.acknowledgement)
        header = _HEADER.pack(*ports, *places, offset, self.flags, self.window, 0, 0)
        return Ipv4(source, destination, Protocol.TCP, header + options + self.data).with_checksum()


def _segment_bytes(options: bytes) -> int | None:
    at = 0
    while at < len(options) and options[at] != 0:
        if options[at] == 1:
            at += 1
            continue
        check(at + 1 < len(options) and options[at + 1] >= 2, "a damaged TCP option")
        if options[at] == _MSS and options[at + 1] == 4:
            check(at + 4 <= len(options), "a damaged TCP option")
            return int.from_bytes(options[at + 2 : at + 4], "big")
        at += options[at + 1]
    return None
