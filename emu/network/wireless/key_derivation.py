"""How keys come of keys (IEEE 802.11-2020, 12.7.1): by SHA-1 where there is a PSK, by SHA-256 behind SAE."""

from __future__ import annotations

import hashlib
import hmac
import struct

from emu.network.formats import rsn


def master_key(ssid: bytes, password: str) -> bytes:
    """The PSK, which is the PMK of WPA2: what both sides know."""
    return hashlib.pbkdf2_hmac("sha1", password.encode(), ssid, 4096, 32)


def pairwise_keys(
    master: bytes,
    addresses: tuple[bytes, bytes],
    nonces: tuple[bytes, bytes],
    key_management: bytes = rsn.PSK,
) -> bytes:
    """48 bytes of keys of an access point and a station: confirmation, encryption, temporal."""
    derive = kdf_sha256 if key_management == rsn.SAE else prf_sha1
    return derive(master, b"Pairwise key expansion", b"".join((*sorted(addresses), *sorted(nonces))), 48)


def prf_sha1(key: bytes, label: bytes, data: bytes, size_bytes: int) -> bytes:
    """So many bytes of key (12.7.1.2)."""
    rounds = range(-(-size_bytes // 20))
    parts = (hmac.digest(key, label + b"\0" + data + bytes((number,)), "sha1") for number in rounds)
    return b"".join(parts)[:size_bytes]


def kdf_sha256(key: bytes, label: bytes, data: bytes, size_bytes: int) -> bytes:
    """So many bytes of key (12.7.1.7.2)."""
    rounds = range(1, 1 + -(-size_bytes // 32))
    end = label + data + struct.pack("<H", 8 * size_bytes)
    parts = (hmac.digest(key, struct.pack("<H", number) + end, "sha256") for number in rounds)
    return b"".join(parts)[:size_bytes]
