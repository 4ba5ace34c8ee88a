"""RSN elements (IEEE 802.11-2020, 9.4.2.24): which ciphers and keys a network has, or a station wants."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, Self

from emu.network.formats.errors import check

CCMP: Final = bytes.fromhex("000fac04")
BIP: Final = bytes.fromhex("000fac06")
"""BIP-CMAC-128, for management frames to groups."""
PSK: Final = bytes.fromhex("000fac02")
SAE: Final = bytes.fromhex("000fac08")
REQUIRES_PROTECTION, CAN_PROTECT = 0x40, 0x80
"""Capabilities: of management frames (MFPR, MFPC)."""
_VERSION: Final = 1
_SELECTOR_BYTES, _KEY_ID_BYTES = 4, 16


@dataclass(frozen=True, slots=True)
class Rsn:
    """The content of one; each suite is 4 bytes, OUI and type."""

    key_managements: tuple[bytes, ...]
    capabilities: int = 0
    group: bytes = CCMP
    pairwise: tuple[bytes, ...] = (CCMP,)
    master_key_ids: tuple[bytes, ...] = ()
    """PMKIDs that a station knows from before."""
    group_management: bytes = b""

    @property
    def can_protect(self) -> bool:
        """Whether management frames can be protected."""
        return bool(self.capabilities & CAN_PROTECT)

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read the content of an element; FormatError if it is too short, or of another version."""
        check(len(data) >= 6 and data[:2] == b"\1\0", f"an RSN element of {len(data)} bytes")
        pairwise, at = _list(data, 6, _SELECTOR_BYTES)
        key_managements, at = _list(data, at, _SELECTOR_BYTES)
        capabilities = int.from_bytes(data[at : at + 2], "little")
        key_ids, at = _list(data, at + 2, _KEY_ID_BYTES)
        return cls(key_managements, capabilities, data[2:6], pairwise, key_ids, data[at : at + 4])

    def build(self) -> bytes:
        """Write it; what follows the capabilities only if it says something."""
        lists = b"".join(
            struct.pack("<H", len(suites)) + b"".join(suites)
            for suites in (self.pairwise, self.key_managements)
        )
        start = struct.pack("<H", _VERSION) + self.group + lists + struct.pack("<H", self.capabilities)
        if not self.master_key_ids and not self.group_management:
            return start
        key_ids = struct.pack("<H", len(self.master_key_ids)) + b"".join(self.master_key_ids)
        return start + key_ids + self.group_management


def _list(data: bytes, at: int, size_bytes: int) -> tuple[tuple[bytes, ...], int]:
    """The items of a list behind its length, and where it ends; an element may end before any field."""
    count = int.from_bytes(data[at : at + 2], "little")
    start, end = at + 2, at + 2 + count * size_bytes
    check(end <= len(data) or not count, "an RSN element that ends in a list")
    return tuple(data[place : place + size_bytes] for place in range(start, end, size_bytes)), end
