"""The access point's side of WPA: keys, and the handshakes that hand them out (IEEE 802.11-2020, 12.7)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from emu.network.formats import eapol, rsn
from emu.network.formats.dot11 import Element, build_elements
from emu.network.formats.eapol import KeyFrame
from emu.network.formats.rsn import Rsn
from emu.network.wireless import key_data
from emu.network.wireless.key_derivation import master_key, pairwise_keys

HELLO, KEYS, COMPLETE, GROUP_KEY = 1, 3, 4, 5
"""Steps of a handshake: messages 1 and 3 are sent, all is done, or a new group key is sent."""
_GROUP_KEY_IDS: Final = (1, 2)
_MANAGEMENT_GROUP_KEY_IDS: Final = (4, 5)


@dataclass(slots=True)
class Handshake:
    """How far a station is; plain data."""

    nonce: bytes
    """Of the access point."""
    number: int
    """Of all of them; one that has another is over."""
    master_key: bytes
    key_management: bytes = rsn.PSK
    master_key_id: bytes = b""
    protects_management: bool = False
    replay_counter: int = 1
    step: int = HELLO
    tries: int = 0
    keys: bytes = b""
    """48 bytes: confirmation, encryption, temporal; empty before message 2."""

    @property
    def temporal_key(self) -> bytes:
        """What data is ciphered with."""
        return self.keys[32:48]


class Authenticator:
    """Keys of one network, `offer` of which its beacons tell; its stations have their `Handshake`."""

    def __init__(self, ssid: bytes, password: str, bssid: bytes, offer: Rsn) -> None:
        self.offer = offer
        self._ssid, self._password, self._bssid = ssid, password, bssid
        self._handshakes = 0
        self.group_packet_number = 0
        self._generation = 0
        """Of group keys: the one that frames are ciphered with."""
        self._handed_out = 0
        """The one that stations get."""

    @cached_property
    def shared_key(self) -> bytes:
        """What stations without SAE begin with."""
        return master_key(self._ssid, self._password)

    @property
    def group_key_id(self) -> int:
        """The number of the group key in use."""
        return _GROUP_KEY_IDS[self._generation % 2]

    @property
    def group_key(self) -> bytes:
        """What frames for all are ciphered with."""
        return self._key(b"group key", self._generation)

    def _key(self, purpose: bytes, generation: int) -> bytes:
        return hashlib.sha256(purpose + self._bssid + b"%d" % generation).digest()[:16]

    def begin(self, master: bytes, wanted: Rsn, master_key_id: bytes = b"") -> Handshake:
        """A handshake with a station whose element is `wanted`: the same runs have the same nonces."""
        self._handshakes += 1
        nonce = hashlib.sha256(b"nonce %d" % self._handshakes + self._bssid).digest()
        protects = wanted.can_protect and self.offer.can_protect
        key_management = wanted.key_managements[0]
        return Handshake(nonce, self._handshakes, master, key_management, master_key_id, protects)

    def renew_group_key(self) -> None:
        """Make a new one, for stations to get by `renew`; when all have it: `use_new_group_key`."""
        self._handed_out = self._generation + 1

    def renew(self, handshake: Handshake) -> None:
        """Begin to hand the new group key out to a station with a complete handshake."""
        self._handshakes += 1
        handshake.number, handshake.step, handshake.tries = self._handshakes, GROUP_KEY, 0

    def use_new_group_key(self) -> None:
        """Cipher with what has been handed out."""
        if self._generation != self._handed_out:
            self._generation, self.group_packet_number = self._handed_out, 0

    def message(self, handshake: Handshake) -> bytes:
        """The EAPOL packet that is due, counted as another try."""
        handshake.replay_counter += 1
        handshake.tries += 1
        counter, nonce = handshake.replay_counter, handshake.nonce
        is_for_sae = handshake.key_management == rsn.SAE
        version = eapol.VERSION_OF_SUITE if is_for_sae else eapol.VERSION_AES
        if handshake.step == HELLO:
            key_id = key_data.kde(key_data.MASTER_KEY_ID, handshake.master_key_id) if is_for_sae else b""
            return KeyFrame(eapol.PAIRWISE | eapol.ACK, counter, nonce, key_id, version=version).build()
        info, data = eapol.ACK | eapol.SECURE | eapol.ENCRYPTED, b""
        if handshake.step == KEYS:
            info |= eapol.PAIRWISE | eapol.INSTALL
            data = build_elements([(Element.RSN, self.offer.build())])
        else:
            nonce = bytes(32)
        wrapped = key_data.wrap(handshake.keys[16:32], data + self._group_keys(handshake))
        number = self.group_packet_number if self._generation == self._handed_out else 0
        received = number.to_bytes(8, "little")
        frame = KeyFrame(info, counter, nonce, wrapped, receive_counter=received, version=version)
        return frame.signed(handshake.keys[:16]).build()

    def _group_keys(self, handshake: Handshake) -> bytes:
        which = self._handed_out
        keys = key_data.group_key_kde(_GROUP_KEY_IDS[which % 2], self._key(b"group key", which))
        if handshake.protects_management:
            own = self._key(b"management group key", which)
            keys += key_data.management_group_key_kde(_MANAGEMENT_GROUP_KEY_IDS[which % 2], own)
        return keys

    def take(self, handshake: Handshake, station: bytes, packet: bytes) -> bool:
        """Take a message of a station; whether it brings the handshake on. FormatError for a damaged one."""
        frame = KeyFrame.parse(packet)
        is_answer = frame.info & eapol.MIC and not frame.info & eapol.ACK
        if not is_answer or frame.replay_counter != handshake.replay_counter:
            return False
        is_first = handshake.step == HELLO
        keys = self._keys(handshake, frame.nonce, station) if is_first else handshake.keys
        expected = {HELLO: eapol.PAIRWISE, KEYS: eapol.PAIRWISE | eapol.SECURE, GROUP_KEY: eapol.SECURE}
        kind = frame.info & (eapol.PAIRWISE | eapol.SECURE)
        if kind != expected.get(handshake.step) or not eapol.is_signed(packet, keys[:16]):
            return False
        handshake.keys = keys
        handshake.step, handshake.tries = KEYS if is_first else COMPLETE, 0
        return True

    def _keys(self, handshake: Handshake, nonce: bytes, station: bytes) -> bytes:
        ends, nonces = (self._bssid, station), (handshake.nonce, nonce)
        return pairwise_keys(handshake.master_key, ends, nonces, handshake.key_management)

    # ---- snapshots ---------------------------------------------------------------------------------

    def save(self) -> dict[str, Any]:
        """Take a snapshot as plain data."""
        group = {"generation": self._generation, "handed_out": self._handed_out}
        return {**group, "handshakes": self._handshakes, "packet_number": self.group_packet_number}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot."""
        self._generation, self._handed_out = snapshot["generation"], snapshot["handed_out"]
        self._handshakes, self.group_packet_number = snapshot["handshakes"], snapshot["packet_number"]
