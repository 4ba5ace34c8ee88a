"""Frames in the clear and on the air."""

from __future__ import annotations

from emu.network.formats import dot11
from emu.network.formats.dot11 import Frame
from emu.network.wireless.authenticator import Authenticator
from emu.network.wireless.station import Station
from peripherals.crypto import ccmp


def plain_body(station: Station, frame: Frame, data: bytes) -> bytes | None:
    """What a frame of a station carries; None if it is ciphered with another key, or is an old one.

    None also for a management frame in the clear, if the two protect them.
    """
    if not frame.flags & dot11.PROTECTED:
        return frame.body if frame.is_data or not station.protects_management else None
    if station.handshake is None or not station.handshake.keys or len(frame.body) < ccmp.IV_BYTES:
        return None
    number = ccmp.packet_number_of(frame.body)
    plain = ccmp.unprotect(station.handshake.temporal_key, data)
    if plain is None or number <= station.heard_packet_number:
        return None
    station.heard_packet_number = number
    return plain[ccmp.header_bytes(plain) + ccmp.IV_BYTES :]


def ciphered(frame: bytes, station: Station | None, authenticator: Authenticator | None) -> bytes:
    """A data or management frame for a station, or None: for all, as it goes over the air."""
    if authenticator is None:
        return frame
    if station is None:
        authenticator.group_packet_number += 1
        key, iv = (
            authenticator.group_key,
            ccmp.iv_of(authenticator.group_packet_number, authenticator.group_key_id),
        )
    elif station.handshake is None or not station.is_open:
        return frame
    else:
        station.packet_number += 1
        key, iv = station.handshake.temporal_key, ccmp.iv_of(station.packet_number, 0)
    start = ccmp.header_bytes(frame)
    header = frame[:1] + bytes((frame[1] | dot11.PROTECTED,)) + frame[2:start]
    return ccmp.protect(key, header + iv + frame[start:])
