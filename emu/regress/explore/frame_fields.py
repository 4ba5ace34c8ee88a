"""Where the numbers are in frames: of 802.11, and of what Ethernet carries; and their checksums."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from emu.network.formats import dhcp, dns
from emu.network.formats.checksum import checksum
from emu.network.formats.dot11 import Kind
from emu.network.formats.eapol import DATA_AT
from emu.network.formats.ethernet import EtherType
from emu.network.formats.ipv4 import Protocol
from emu.network.wireless.key_frames import packet_at
from emu.regress.explore.structure import Field

_AIR_HEADER, _ETHERNET_BYTES = 24, 14
_FIXED_BYTES: Final = {
    Kind.BEACON: 12,
    Kind.PROBE_RESPONSE: 12,
    Kind.ASSOCIATION_RESPONSE: 6,
    Kind.REASSOCIATION_RESPONSE: 6,
    Kind.AUTHENTICATION: 6,
    Kind.DEAUTHENTICATION: 2,
    Kind.DISASSOCIATION: 2,
}
"""Of bodies, in front of the elements (IEEE 802.11-2020, 9.3.3)."""
_OF_EAPOL: Final = (("type", 1, 1), ("length", 2, 2), ("descriptor", 4, 1), ("key info", 5, 2),
                    ("key length", 7, 2), ("replay counter", 9, 8), ("key data length", 97, 2))  # fmt: skip
_OF_IPV4: Final = (
    ("version and length", 0, 1),
    ("total length", 2, 2),
    ("fragment", 6, 2),
    ("protocol", 9, 1),
)
_OF_UDP: Final = (("destination port", 2, 2), ("length", 4, 2))
_OF_TCP: Final = (("sequence", 4, 4), ("acknowledgment", 8, 4), ("data offset", 12, 1),
                  ("flags", 13, 1), ("window", 14, 2), ("urgent", 18, 2))  # fmt: skip
_OF_ARP: Final = (("hardware length", 4, 1), ("protocol length", 5, 1), ("operation", 6, 2))
_OF_DHCP: Final = (("operation", 0, 1), ("hardware length", 2, 1), ("your address", 16, 4), ("magic", 236, 4))
_OF_DNS: Final = (("flags", 2, 2), ("questions", 4, 2), ("answers", 6, 2), ("name", 12, 1))
_DHCP_OPTIONS: Final = 240
_CHECKSUM_AT: Final = {Protocol.ICMP: 2, Protocol.TCP: 16, Protocol.UDP: 6}


def fields_on_air(frame: bytes) -> list[Field]:
    """Those of an 802.11 frame; of a ciphered one its header only."""
    fields = [Field("frame control", 0, 1), Field("flags", 1, 1), Field("sequence", 22, 2, "little")]
    kind = frame[0]
    if kind in _FIXED_BYTES:
        fixed = _FIXED_BYTES[Kind(kind)]
        fields += [Field("fixed", _AIR_HEADER + at, 2, "little") for at in range(0, fixed, 2)]
        fields += _lengths("element", frame, _AIR_HEADER + fixed)
    elif packet := packet_at(frame):
        fields += _at(packet, "EAPOL", _OF_EAPOL)
        fields += _lengths("key data", frame, packet + DATA_AT)
    return [each for each in fields if each.offset + each.size_bytes <= len(frame)]


def fields_on_wire(packet: bytes) -> list[Field]:
    """Those of an Ethernet frame and of what it carries."""
    kind = int.from_bytes(packet[12:14], "big")
    fields = [Field("Ethernet type", 12, 2)]
    if kind == EtherType.ARP:
        fields += _at(_ETHERNET_BYTES, "ARP", _OF_ARP)
    elif kind == EtherType.IPV4 and len(packet) > _ETHERNET_BYTES + 20:
        fields += _at(_ETHERNET_BYTES, "IPv4", _OF_IPV4)
        fields += _above_ip(packet, _ETHERNET_BYTES + 4 * (packet[_ETHERNET_BYTES] & 0xF))
    return [each for each in fields if each.offset + each.size_bytes <= len(packet)]


def with_checksums(packet: bytes) -> bytes:
    """The Ethernet frame with those of IPv4 and above as they should be, as far as its lengths make sense."""
    data = bytearray(packet)
    begin = _ETHERNET_BYTES
    if len(data) < begin + 20 or data[12:14] != EtherType.IPV4.to_bytes(2, "big"):
        return packet
    above = begin + 4 * (data[begin] & 0xF)
    if begin + 20 <= above <= len(data):
        _put_checksum(data, begin + 10, bytes(data[begin:above]), 10)
    protocol, size = data[begin + 9], len(data) - above
    at = _CHECKSUM_AT.get(Protocol(protocol)) if protocol in list(Protocol) else None
    if at is not None and size >= at + 2:
        pseudo = bytes(data[begin + 12 : begin + 20]) + protocol.to_bytes(2, "big") + size.to_bytes(2, "big")
        prefix = b"" if protocol == Protocol.ICMP else pseudo
        _put_checksum(data, above + at, prefix + bytes(data[above:]), len(prefix) + at)
    return bytes(data)


def _put_checksum(data: bytearray, to: int, covered: bytes, at: int) -> None:
    data[to : to + 2] = checksum(covered[:at] + b"\0\0" + covered[at + 2 :]).to_bytes(2, "big")


def _above_ip(packet: bytes, begin: int) -> Iterator[Field]:
    protocol = packet[_ETHERNET_BYTES + 9]
    if protocol == Protocol.TCP:
        yield from _at(begin, "TCP", _OF_TCP)
    elif protocol == Protocol.UDP:
        yield from _at(begin, "UDP", _OF_UDP)
        port = int.from_bytes(packet[begin : begin + 2], "big")
        if port == dhcp.SERVER_PORT:
            yield from _at(begin + 8, "DHCP", _OF_DHCP)
            yield from _lengths("DHCP option", packet, begin + 8 + _DHCP_OPTIONS)
        elif port == dns.PORT:
            yield from _at(begin + 8, "DNS", _OF_DNS)


def _at(begin: int, layer: str, fields: tuple[tuple[str, int, int], ...]) -> Iterator[Field]:
    for name, offset, size in fields:
        yield Field(f"{layer} {name}", begin + offset, size)


def _lengths(what: str, data: bytes, begin: int) -> Iterator[Field]:
    """Of elements with a number and a length each."""
    at = begin
    while at + 2 <= len(data):
        yield Field(f"length of {what} {data[at]}", at + 1, 1)
        at += 2 + data[at + 1]
