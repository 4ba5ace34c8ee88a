"""What the messages of handshakes carry under way (IEEE 802.11-2020, 12.7.2): elements and KDEs, ciphered."""

from __future__ import annotations

from typing import Final

from emu.network.formats.dot11 import Element

GROUP_KEY: Final = bytes.fromhex("000fac01")
MASTER_KEY_ID: Final = bytes.fromhex("000fac04")
MANAGEMENT_GROUP_KEY: Final = bytes.fromhex("000fac09")
_KEY_BYTES: Final = 16
_LEAST_WRAPPED: Final = 16


def kde(kind: bytes, content: bytes) -> bytes:
    """One piece of key data of a kind such as `GROUP_KEY`."""
    return bytes((Element.VENDOR, len(kind + content))) + kind + content


def group_key_kde(key_id: int, key: bytes) -> bytes:
    """A group key (GTK)."""
    return kde(GROUP_KEY, bytes((key_id, 0)) + key)


def management_group_key_kde(key_id: int, key: bytes) -> bytes:
    """A key for management frames to groups (IGTK), with which none has been sent yet."""
    return kde(MANAGEMENT_GROUP_KEY, key_id.to_bytes(2, "little") + bytes(6) + key)


def wrap(key: bytes, data: bytes) -> bytes:
    """AES key wrap (RFC 3394) of padded key data."""
    from Crypto.Cipher import AES

    if len(data) % 8:
        data += bytes((Element.VENDOR,))
        data += bytes(-len(data) % 8)
    data = data.ljust(_LEAST_WRAPPED, b"\0")
    return bytes(AES.new(key, AES.MODE_KW).seal(data))


def unwrap(key: bytes, wrapped: bytes) -> bytes | None:
    """The padded key data; None if this key has not wrapped them."""
    from Crypto.Cipher import AES

    try:
        return bytes(AES.new(key, AES.MODE_KW).unseal(wrapped))
    except ValueError:
        return None


def group_key_in(keys: bytes, wrapped: bytes) -> tuple[int, bytes]:
    """Number and group key in the key data of a message, by pairwise keys; `(0, b"")` if there is none."""
    data = unwrap(keys[16:32], wrapped) or b""
    at = 0
    while at + 2 <= len(data) and data[at + 1]:
        content = data[at + 2 : at + 2 + data[at + 1]]
        if data[at] == Element.VENDOR and content[:4] == GROUP_KEY and len(content) == 6 + _KEY_BYTES:
            return content[4] & 3, content[6:]
        at += 2 + data[at + 1]
    return 0, b""
