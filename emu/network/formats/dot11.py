"""802.11 frames (IEEE 802.11-2020, clause 9), without FCS."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, Self

from emu.network.formats.errors import check

TO_DS, FROM_DS, POWER_SAVE, MORE_DATA, PROTECTED = 0x01, 0x02, 0x10, 0x20, 0x40
_NO_DATA: Final = 0x40
_HEADER: Final = struct.Struct("<BBH6s6s6sH")


class Kind(IntEnum):
    """Type and subtype: the first byte of frame control."""

    ASSOCIATION_REQUEST = 0x00
    ASSOCIATION_RESPONSE = 0x10
    REASSOCIATION_REQUEST = 0x20
    REASSOCIATION_RESPONSE = 0x30
    PROBE_REQUEST = 0x40
    PROBE_RESPONSE = 0x50
    BEACON = 0x80
    DISASSOCIATION = 0xA0
    AUTHENTICATION = 0xB0
    DEAUTHENTICATION = 0xC0
    ACTION = 0xD0
    PS_POLL = 0xA4
    DATA = 0x08
    NULL = 0x48
    QOS_DATA = 0x88
    QOS_NULL = 0xC8


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame; `body` is what follows the header, ciphered or not."""

    kind: int
    receiver: bytes
    transmitter: bytes = bytes(6)
    third: bytes = bytes(6)
    """BSSID, source or destination, as the direction says."""
    body: bytes = b""
    flags: int = 0
    sequence: int = 0
    duration: int = 0
    """Of a PS-Poll: association id, with both top bits set."""
    qos: int = 0

    @property
    def is_data(self) -> bool:
        """Whether it is of the type data, with or without any."""
        return self.kind & 0x0C == 0x08

    @property
    def has_payload(self) -> bool:
        """Whether it carries something for the layers above."""
        return self.is_data and not self.kind & _NO_DATA

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a frame; FormatError if it is too short."""
        check(len(data) >= 16, f"an 802.11 frame of {len(data)} bytes")
        if data[0] & 0x0C == 0x04:  # control frames have two addresses at most
            return cls(data[0], data[4:10], data[10:16], flags=data[1], duration=data[2] | data[3] << 8)
        check(len(data) >= _HEADER.size, f"an 802.11 frame of {len(data)} bytes")
        kind, flags, duration, receiver, transmitter, third, sequence = _HEADER.unpack_from(data)
        check(flags & 3 != 3, "an 802.11 frame with four addresses")
        start, qos = _HEADER.size, 0
        if kind & 0x8C == 0x88:
            check(len(data) >= start + 2, "a QoS frame that ends in its header")
            qos = data[start] | data[start + 1] << 8
            start += 2
        return cls(kind, receiver, transmitter, third, data[start:], flags, sequence >> 4, duration, qos)

    def build(self) -> bytes:
        """Write it."""
        header = _HEADER.pack(
            *(self.kind, self.flags, self.duration, self.receiver, self.transmitter, self.third),
            (self.sequence & 0xFFF) << 4,
        )
        qos = struct.pack("<H", self.qos) if self.kind & 0x8C == 0x88 else b""
        return header + qos + self.body


class Element(IntEnum):
    """Numbers of information elements."""

    SSID = 0
    RATES = 1
    CHANNEL = 3
    TRAFFIC_MAP = 5
    ERP = 42
    HT_CAPABILITIES = 45
    RSN = 48
    MORE_RATES = 50
    HT_OPERATION = 61
    VENDOR = 221


def parse_elements(data: bytes) -> dict[int, bytes]:
    """Information elements by number, the first of each; FormatError if one leads beyond the end."""
    elements: dict[int, bytes] = {}
    at = 0
    while at + 2 <= len(data):
        number, length = data[at], data[at + 1]
        check(at + 2 + length <= len(data), f"element {number} leads beyond the end")
        elements.setdefault(number, data[at + 2 : at + 2 + length])
        at += 2 + length
    return elements


def build_elements(elements: Sequence[tuple[int, bytes]]) -> bytes:
    """Write elements one after the other."""
    return b"".join(bytes((number, len(content))) + content for number, content in elements)


@dataclass(frozen=True, slots=True)
class Authentication:
    """The body of an authentication frame."""

    algorithm: int
    step: int
    status: int = 0
    rest: bytes = b""

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read a body; FormatError if it is too short."""
        check(len(body) >= 6, f"an authentication of {len(body)} bytes")
        algorithm, step, status = struct.unpack_from("<HHH", body)
        return cls(algorithm, step, status, body[6:])

    @property
    def is_last(self) -> bool:
        """Whether nothing follows but an association."""
        return self.step == 2

    def build(self) -> bytes:
        """Write it."""
        return struct.pack("<HHH", self.algorithm, self.step, self.status) + self.rest


@dataclass(frozen=True, slots=True)
class AssociationRequest:
    """The body of an association or reassociation request."""

    capabilities: int
    elements: dict[int, bytes] = field(default_factory=dict)

    @classmethod
    def parse(cls, body: bytes, *, is_again: bool) -> Self:
        """Read a body; FormatError if it is too short."""
        start = 10 if is_again else 4
        check(len(body) >= start, f"an association request of {len(body)} bytes")
        return cls(body[0] | body[1] << 8, parse_elements(body[start:]))
