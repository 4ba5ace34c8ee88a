"""EAPOL key frames of WPA2 and WPA3 (IEEE 802.11-2020, 12.7.2)."""

from __future__ import annotations

import hmac
import struct
from dataclasses import dataclass, replace
from typing import Final, Self

from emu.network.formats.errors import check

PAIRWISE, INSTALL, ACK, MIC, SECURE, ENCRYPTED = 0x08, 0x40, 0x80, 0x100, 0x200, 0x1000
VERSION_OF_SUITE, VERSION_AES = 0, 2
"""Key descriptor versions, both with AES key wrap: as the key management says (SAE: AES-128-CMAC), SHA-1."""
_KEY: Final = 3
_RSN: Final = 2
_HEADER: Final = struct.Struct(">BBH")
_FIXED: Final = struct.Struct(">BHHQ32s16s8s8s16sH")
DATA_AT: Final = _HEADER.size + _FIXED.size
"""Where the key data of a packet begin."""
_MIC_AT: Final = DATA_AT - 18


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """One message of a handshake."""

    info: int
    """PAIRWISE, INSTALL, ACK, MIC, SECURE, ENCRYPTED."""
    replay_counter: int
    nonce: bytes = bytes(32)
    data: bytes = b""
    mic: bytes = bytes(16)
    receive_counter: bytes = bytes(8)
    key_bytes: int = 16
    version: int = VERSION_AES

    @classmethod
    def parse(cls, packet: bytes) -> Self:
        """Read an EAPOL packet; FormatError unless it is a key frame of RSN."""
        check(len(packet) >= _HEADER.size + _FIXED.size, f"an EAPOL packet of {len(packet)} bytes")
        _, kind, length = _HEADER.unpack_from(packet)
        check(kind == _KEY, f"EAPOL type {kind}")
        fields = _FIXED.unpack_from(packet, _HEADER.size)
        descriptor, info, key_bytes, counter, nonce, _, receive_counter, _, mic, data_bytes = fields
        check(descriptor == _RSN, f"key descriptor {descriptor}")
        end = _HEADER.size + _FIXED.size + data_bytes
        check(end <= len(packet) and length >= _FIXED.size + data_bytes, "key data lead beyond the end")
        data = packet[end - data_bytes : end]
        return cls(info & ~7, counter, nonce, data, mic, receive_counter, key_bytes, info & 7)

    def build(self) -> bytes:
        """Write it, with its MIC as it is."""
        body = _FIXED.pack(
            *(_RSN, self.info | self.version, self.key_bytes, self.replay_counter, self.nonce, bytes(16)),
            *(self.receive_counter, bytes(8), self.mic, len(self.data)),
        )
        return _HEADER.pack(2, _KEY, len(body) + len(self.data)) + body + self.data

    def signed(self, key: bytes) -> Self:
        """The same with its MIC, by the confirmation key."""
        frame = replace(self, info=self.info | MIC)
        return replace(frame, mic=_mic(key, frame.build()))


def info_of(packet: bytes) -> int:
    """As `KeyFrame.info` with the version, of any bytes; 0 if they are too few for a key frame."""
    return int.from_bytes(packet[5:7], "big") if len(packet) >= DATA_AT else 0


def signed(packet: bytes, key: bytes) -> bytes:
    """A packet of at least `DATA_AT` bytes with the MIC of this key over what its length covers."""
    mic = _mic(key, packet[: max(_end(packet), DATA_AT)])
    return packet[:_MIC_AT] + mic + packet[_MIC_AT + 16 :]


def is_signed(packet: bytes, key: bytes) -> bool:
    """Whether the MIC of a packet that can be parsed is that of this key."""
    given = packet[_MIC_AT : _MIC_AT + 16]
    return hmac.compare_digest(_mic(key, packet[: _end(packet)]), given)


def _end(packet: bytes) -> int:
    """Where a packet ends, as its header says."""
    return int(_HEADER.size + struct.unpack_from(">H", packet, 2)[0])


def _mic(key: bytes, packet: bytes) -> bytes:
    blank = packet[:_MIC_AT] + bytes(16) + packet[_MIC_AT + 16 :]
    if packet[_HEADER.size + 2] & 7 == VERSION_OF_SUITE:
        from Crypto.Cipher import AES
        from Crypto.Hash import CMAC

        return bytes(CMAC.new(key, blank, ciphermod=AES).digest())
    return hmac.digest(key, blank, "sha1")[:16]
