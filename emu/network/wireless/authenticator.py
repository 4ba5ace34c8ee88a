"""The access point's side of WPA2-PSK: keys, and the handshake of four messages (802.11-2020, 12.7.6)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from emu.network.formats import eapol
from emu.network.formats.eapol import KeyFrame

GROUP_KEY_ID: Final = 1
RSN_ELEMENT: Final = bytes.fromhex("0100 000fac04 0100 000fac04 0100 000fac02 0000")
"""Version 1, group CCMP, pairwise CCMP, PSK, no capabilities."""
_KEY_DATA_GROUP_KEY: Final = bytes.fromhex("000fac01")


@dataclass(slots=True)
class Handshake:
    """How far a station is; plain data."""

    nonce: bytes
    """Of the access point."""
    number: int = 0
    """Of all of them; one that has another is over."""
    replay_counter: int = 1
    step: int = 1
    """The message sent last: 1 or 3; 4: it is complete."""
    tries: int = 0
    keys: bytes = b""
    """48 bytes: confirmation, encryption, temporal; empty before message 2."""

    @property
    def temporal_key(self) -> bytes:
        """What data is ciphered with."""
        return self.keys[32:48]


class Authenticator:
    """Keys of one network; its stations have their `Handshake`."""

    def __init__(self, ssid: bytes, password: str, bssid: bytes) -> None:
        self._ssid, self._password, self._bssid = ssid, password, bssid
        self.group_key = hashlib.sha256(b"group key" + bssid).digest()[:16]
        self.group_packet_number = 0

    @cached_property
    def _master_key(self) -> bytes:
        return master_key(self._ssid, self._password)

    def begin(self, number: int) -> Handshake:
        """A handshake with the nonce of that number: the same runs have the same nonces."""
        return Handshake(hashlib.sha256(b"nonce %d" % number + self._bssid).digest(), number)

    def message(self, handshake: Handshake) -> bytes:
        """The EAPOL packet that is due: message 1 or 3, counted as another try."""
        handshake.replay_counter += 1
        handshake.tries += 1
        counter, nonce = handshake.replay_counter, handshake.nonce
        if handshake.step == 1:
            return KeyFrame(eapol.PAIRWISE | eapol.ACK, counter, nonce).build()
        key_data = bytes((48, len(RSN_ELEMENT))) + RSN_ELEMENT
        key_data += bytes((0xDD, 6 + len(self.group_key))) + _KEY_DATA_GROUP_KEY
        key_data += bytes((GROUP_KEY_ID, 0)) + self.group_key
        info = eapol.PAIRWISE | eapol.ACK | eapol.INSTALL | eapol.SECURE | eapol.ENCRYPTED
        wrapped = _wrap(handshake.keys[16:32], key_data)
        number = self.group_packet_number.to_bytes(8, "little")
        frame = KeyFrame(info, counter, nonce, wrapped, receive_counter=number)
        return frame.signed(handshake.keys[:16]).build()

    def take(self, handshake: Handshake, station: bytes, packet: bytes) -> bool:
        """Take a message of a station; whether it brings the handshake on. FormatError for a damaged one."""
        frame = KeyFrame.parse(packet)
        is_answer = frame.info & eapol.PAIRWISE and frame.info & eapol.MIC and not frame.info & eapol.ACK
        if not is_answer or frame.replay_counter != handshake.replay_counter:
            return False
        is_last = bool(frame.info & eapol.SECURE)
        keys = handshake.keys if is_last else self._keys(handshake.nonce, frame.nonce, station)
        if is_last != (handshake.step == 3) or not eapol.is_signed(packet, keys[:16]):
            return False
        handshake.keys = keys
        handshake.step, handshake.tries = 4 if is_last else 3, 0
        return True

    def _keys(self, ours: bytes, theirs: bytes, station: bytes) -> bytes:
        return pairwise_keys(self._master_key, (self._bssid, station), (ours, theirs))


def master_key(ssid: bytes, password: str) -> bytes:
    """What both sides know."""
    return hashlib.pbkdf2_hmac("sha1", password.encode(), ssid, 4096, 32)


def pairwise_keys(master: bytes, addresses: tuple[bytes, bytes], nonces: tuple[bytes, bytes]) -> bytes:
    """48 bytes of keys of an access point and a station: confirmation, encryption, temporal."""
    data = b"".join((*sorted(addresses), *sorted(nonces)))
    return _expand(master, b"Pairwise key expansion", data, 48)


def _expand(key: bytes, label: bytes, data: bytes, size_bytes: int) -> bytes:
    """The pseudo-random function of 12.7.1.2."""
    parts = (
        hmac.new(key, label + b"\0" + data + bytes((number,)), hashlib.sha1).digest()
        for number in range(-(-size_bytes // 20))
    )
    return b"".join(parts)[:size_bytes]


def group_key_in(keys: bytes, wrapped: bytes) -> bytes:
    """The group key in the key data of message 3; empty if there is none."""
    from Crypto.Cipher import AES

    try:
        data = bytes(AES.new(keys[16:32], AES.MODE_KW).unseal(wrapped))
    except ValueError:
        return b""
    at = 0
    while at + 2 <= len(data) and data[at + 1]:
        content = data[at + 2 : at + 2 + data[at + 1]]
        if data[at] == 0xDD and content[:4] == _KEY_DATA_GROUP_KEY and len(content) == 22:
            return content[6:]
        at += 2 + data[at + 1]
    return b""


def _wrap(key: bytes, data: bytes) -> bytes:
    """AES key wrap (RFC 3394) of padded key data."""
    from Crypto.Cipher import AES

    if len(data) % 8:
        data += b"\xdd"
        data += bytes(-len(data) % 8)
    return bytes(AES.new(key, AES.MODE_KW).seal(data))
