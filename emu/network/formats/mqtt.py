"""MQTT 3.1.1 (OASIS standard) control packets, as far as a broker meets them."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Self

from emu.network.formats.errors import FormatError, check

PORT: Final = 1883
LEVELS: Final = {"MQIsdp": 3, "MQTT": 4}
"""Names and levels of the protocol: 3.1 and 3.1.1."""
_MOST_BYTES: Final = 1 << 20
_CLEAN, _WILL, _WILL_RETAINED, _PASSWORD, _USER = 0x02, 0x04, 0x20, 0x40, 0x80


class PacketType(IntEnum):
    """The upper half of the first byte."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14


class ConnectStatus(IntEnum):
    """How a CONNECT went."""

    ACCEPTED = 0
    UNACCEPTABLE_LEVEL = 1
    BAD_USER = 4


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet: what the fixed header says, and the rest."""

    type: int
    body: bytes = b""
    flags: int = 0

    @classmethod
    def take(cls, data: bytes) -> tuple[Self, bytes] | None:
        """The first packet of a stream, and what follows; None: not whole yet. FormatError for nonsense."""
        length = shift = 0
        at = 1
        while True:
            if at >= len(data):
                check(at < 6, "an MQTT packet whose length does not end")
                return None
            length |= (data[at] & 0x7F) << shift
            shift, at = shift + 7, at + 1
            if not data[at - 1] & 0x80:
                break
            check(at < 5, "an MQTT packet whose length does not end")
        check(length <= _MOST_BYTES, f"an MQTT packet of {length} bytes")
        if len(data) < at + length:
            return None
        return cls(data[0] >> 4, data[at : at + length], data[0] & 0xF), data[at + length :]

    def build(self) -> bytes:
        """Write it."""
        length, left = bytearray(), len(self.body)
        while True:
            left, digit = left >> 7, left & 0x7F
            length.append(digit | 0x80 if left else digit)
            if not left:
                return bytes((self.type << 4 | self.flags,)) + length + self.body

    @property
    def number(self) -> int:
        """The packet identifier at the beginning of the body; FormatError if there is none."""
        return _Reader(self.body).number()


@dataclass(frozen=True, slots=True)
class Publication:
    """A message with a topic."""

    topic: str
    payload: bytes
    qos: int = 0
    is_retained: bool = False
    number: int = 0
    """The packet identifier; without meaning for QoS 0."""

    @classmethod
    def parse(cls, packet: Packet) -> Self:
        """Read a PUBLISH; FormatError for a damaged one."""
        reader = _Reader(packet.body)
        topic, qos = reader.text(), packet.flags >> 1 & 3
        check(
            bool(topic) and not set(topic) & set("+#\0") and qos < 3, "an MQTT message without topic or QoS"
        )
        number = reader.number() if qos else 0
        return cls(topic, reader.rest(), qos, bool(packet.flags & 1), number)

    def packet(self) -> Packet:
        """The PUBLISH of it."""
        number = struct.pack(">H", self.number) if self.qos else b""
        flags = self.qos << 1 | self.is_retained
        return Packet(PacketType.PUBLISH, _text(self.topic) + number + self.payload, flags)


@dataclass(frozen=True, slots=True)
class Connect:
    """What a client says first."""

    level: int
    """0: of no protocol that is known."""
    client: str = ""
    keep_alive_s: int = 0
    will: Publication | None = None
    """To be published when the client is lost."""
    user: str | None = None
    password: bytes | None = None

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read it; FormatError for a damaged one. Of other protocols only that they are."""
        reader = _Reader(body)
        name, level, flags = reader.text(), *reader.take(2)
        if LEVELS.get(name) != level:
            return cls(0)
        keep_alive_s, client, will = reader.number(), reader.text(), None
        if flags & _WILL:
            topic, payload = reader.text(), reader.take(reader.number())
            will = Publication(topic, payload, min(flags >> 3 & 3, 2), bool(flags & _WILL_RETAINED))
        user = reader.text() if flags & _USER else None
        password = reader.take(reader.number()) if flags & _PASSWORD else None
        return cls(level, client, keep_alive_s, will, user, password)


def filters_in(packet: Packet) -> list[tuple[str, int]]:
    """The topic filters of a SUBSCRIBE, with the QoS of each, or of an UNSUBSCRIBE. FormatError: damaged."""
    reader, found = _Reader(packet.body[2:]), []
    while reader.is_open:
        topic = reader.text()
        qos = reader.take(1)[0] if packet.type == PacketType.SUBSCRIBE else 0
        check(bool(topic) and qos < 3, "an MQTT subscription without filter or QoS")
        found.append((topic, qos))
    check(bool(found), "an MQTT subscription to nothing")
    return found


def is_matched(topic: str, wanted: str) -> bool:
    """Whether a topic filter, with `+` and `#`, wants the messages of a topic."""
    if topic.startswith("$") and wanted[0] in "+#":
        return False
    levels, filters = topic.split("/"), wanted.split("/")
    if filters[-1] == "#":
        filters = filters[:-1]
        levels = levels[: len(filters)]
    return len(levels) == len(filters) and all(
        pattern in ("+", level) for level, pattern in zip(levels, filters, strict=True)
    )


class _Reader:
    """Takes fields off a body one after the other; FormatError beyond its end."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def is_open(self) -> bool:
        return self._at < len(self._data)

    def take(self, size_bytes: int) -> bytes:
        self._at += size_bytes
        check(self._at <= len(self._data), "an MQTT packet that ends in a field")
        return self._data[self._at - size_bytes : self._at]

    def number(self) -> int:
        return int.from_bytes(self.take(2), "big")

    def text(self) -> str:
        data = self.take(self.number())
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise FormatError("a text in an MQTT packet that is not UTF-8") from None

    def rest(self) -> bytes:
        return self.take(len(self._data) - self._at)


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack(">H", len(data)) + data
