"""DNS questions, and answers with addresses (RFC 1035)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Self

from emu.network.formats.errors import check

PORT: Final = 53
A, AAAA = 1, 28
"""The questions for an IPv4 and an IPv6 address."""
_HEADER: Final = struct.Struct(">HHHHHH")
_RESPONSE: Final = 0x8180
_NAME_OF_QUESTION: Final = 0xC00C
_TIME_TO_LIVE_S: Final = 60


class Status(IntEnum):
    """How a question went."""

    FOUND = 0
    SERVER_FAILURE = 2
    NO_SUCH_NAME = 3


@dataclass(frozen=True, slots=True)
class Question:
    """The first question of a query."""

    number: int
    name: str
    """In lower case."""
    type: int
    text: bytes
    """As it was asked."""

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a query; FormatError for a damaged one, and for what is none."""
        check(len(data) >= _HEADER.size, f"a DNS query of {len(data)} bytes")
        number, flags, questions, *_ = _HEADER.unpack_from(data)
        check(not flags & 0x8000 and questions >= 1, "a DNS message without a question")
        labels, at = [], _HEADER.size
        while True:
            check(at < len(data), "a DNS name beyond the end")
            length = data[at]
            check(length < 0x40 and at + 1 + length <= len(data), "a damaged DNS name")
            at += 1 + length
            if not length:
                break
            labels.append(data[at - length : at].decode("latin-1").lower())
        check(at + 4 <= len(data), "a DNS question beyond the end")
        kind = int.from_bytes(data[at : at + 2], "big")
        return cls(number, ".".join(labels), kind, data[_HEADER.size : at + 4])

    def answer(self, status: Status, address: bytes | None) -> bytes:
        """The response to it: an address of the kind that was asked for, or none."""
        header = _HEADER.pack(self.number, _RESPONSE | status, 1, int(address is not None), 0, 0)
        if address is None:
            return header + self.text
        record = struct.pack(">HHHIH", _NAME_OF_QUESTION, self.type, 1, _TIME_TO_LIVE_S, len(address))
        return header + self.text + record + address
