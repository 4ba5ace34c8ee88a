"""Messages of handshakes as frames on the air: with what they carry in the clear, and sealed again."""

from __future__ import annotations

from typing import Final

from emu.network.formats import dot11, eapol
from emu.network.formats.dot11 import Kind
from emu.network.formats.ethernet import EtherType
from emu.network.wireless import key_data
from peripherals.crypto import ccmp

_LLC_BYTES: Final = 8


def packet_at(frame: bytes) -> int:
    """Where the EAPOL packet in an 802.11 frame begins; 0: there is none in the clear."""
    if len(frame) < 2 or frame[0] not in (Kind.DATA, Kind.QOS_DATA) or frame[1] & dot11.PROTECTED:
        return 0
    at = ccmp.header_bytes(frame) + _LLC_BYTES
    return at if frame[at - 2 : at] == EtherType.EAPOL.to_bytes(2, "big") else 0


def opened(frame: bytes, keys: bytes) -> bytes:
    """With its key data as they are before they are ciphered; its lengths stay as they are."""
    at = packet_at(frame)
    if not at or not eapol.info_of(frame[at:]) & eapol.ENCRYPTED:
        return frame
    data_at = at + eapol.DATA_AT
    plain = key_data.unwrap(keys[16:32], frame[data_at:])
    return frame if plain is None else frame[:data_at] + plain


def sealed(frame: bytes, keys: bytes) -> bytes:
    """Ciphered and signed as its flags say, whatever else it says."""
    at = packet_at(frame)
    packet = frame[at:]
    info = eapol.info_of(packet) if at else 0
    if info & eapol.ENCRYPTED:
        packet = packet[: eapol.DATA_AT] + key_data.wrap(keys[16:32], packet[eapol.DATA_AT :])
    if info & eapol.MIC:
        packet = eapol.signed(packet, keys[:16])
    return frame[:at] + packet
