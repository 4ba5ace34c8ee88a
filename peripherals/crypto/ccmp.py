"""CCMP, the cipher of WPA2 (IEEE 802.11-2020, 12.5.3), on whole frames; AES by the extra `crypto`.

A protected frame is header, 8 bytes of packet number and key id, ciphertext, and 8 bytes of MIC, without FCS.
"""

from __future__ import annotations

import struct
from typing import Any, Final

from peripherals.crypto.ciphers import CipherUnavailableError

IV_BYTES: Final = 8
MIC_BYTES: Final = 8
_EXTENDED_IV: Final = 0x20
_MASKED_CONTROL: Final = 0xC78F
"""Bits of frame control in a data frame that do not change on the way, and no bit of the subtype but QoS."""
_MASKED_MANAGEMENT_CONTROL: Final = 0xC7FF
_MANAGEMENT: Final = 0x10
"""In the nonce."""


def header_bytes(frame: bytes) -> int:
    """The length of a frame's 802.11 header: 24, or more with four addresses or with QoS."""
    has_four_addresses = frame[1] & 3 == 3
    return 24 + 6 * has_four_addresses + 2 * (frame[0] & 0x8C == 0x88)


def has_iv(frame: bytes) -> bool:
    """Whether a frame is long enough for its header and the 8 bytes behind it."""
    return len(frame) >= 2 and len(frame) >= header_bytes(frame) + IV_BYTES


def iv_of(packet_number: int, key_id: int) -> bytes:
    """The 8 bytes behind the header of a protected frame."""
    number = packet_number.to_bytes(6, "little")
    return bytes((number[0], number[1], 0, _EXTENDED_IV | key_id << 6)) + number[2:]


def packet_number_of(iv: bytes) -> int:
    """The packet number in those 8 bytes."""
    return int.from_bytes(iv[:2] + iv[4:8], "little")


def protect(key: bytes, frame: bytes) -> bytes:
    """Encrypt the body of a frame that has its 8 bytes behind the header already, and append the MIC.

    ValueError for one that is not `has_iv`.
    """
    if not has_iv(frame):
        raise ValueError(f"a frame of {len(frame)} bytes has no room for a packet number")
    start = header_bytes(frame) + IV_BYTES
    ciphertext, mic = _cipher(key, frame, len(frame) - start).encrypt_and_digest(frame[start:])
    return frame[:start] + bytes(ciphertext) + bytes(mic)


def unprotect(key: bytes, frame: bytes) -> bytes | None:
    """Decrypt it and take the MIC away; the 8 bytes stay. None: another key, damaged, or too short."""
    start, end = header_bytes(frame) + IV_BYTES, len(frame) - MIC_BYTES
    if end < start:
        return None
    try:
        plain = _cipher(key, frame, end - start).decrypt_and_verify(frame[start:end], frame[end:])
    except ValueError:
        return None
    return frame[:start] + bytes(plain)


def _cipher(key: bytes, frame: bytes, body_bytes: int) -> Any:
    try:
        from Crypto.Cipher import AES
    except ImportError as error:
        raise CipherUnavailableError("CCMP needs pycryptodome: pip install w800emu[crypto]") from error
    length = header_bytes(frame)
    iv = frame[length : length + IV_BYTES]
    is_qos = frame[0] & 0x8C == 0x88
    priority = frame[length - 2] & 0xF if is_qos else 0
    is_data = frame[0] & 0x0C == 0x08
    nonce = (
        bytes((priority if is_data else _MANAGEMENT,))
        + frame[10:16]
        + packet_number_of(iv).to_bytes(6, "big")
    )
    control, sequence = int.from_bytes(frame[:2], "little"), int.from_bytes(frame[22:24], "little")
    mask = _MASKED_CONTROL if is_data else _MASKED_MANAGEMENT_CONTROL
    protected = struct.pack("<H18sH", control & mask | 0x4000, frame[4:22], sequence & 0xF)
    protected += frame[24 : length - 2 * is_qos] + bytes((priority, 0)) * is_qos
    make: Any = AES.new  # whose types know only the parameters of other modes
    lengths = {"assoc_len": len(protected), "msg_len": body_bytes}
    cipher = make(key, AES.MODE_CCM, nonce=nonce, mac_len=MIC_BYTES, **lengths)
    cipher.update(protected)
    return cipher
