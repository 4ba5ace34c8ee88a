"""Captures as pcapng (draft-ietf-opsawg-pcapng): the air with radiotap headers, and the wire."""

from __future__ import annotations

import struct
from typing import Final

AIR, WIRE = 0, 1
"""Numbers of the interfaces."""
_ETHERNET, _RADIOTAP = 1, 127
_NAME, _RESOLUTION = 2, 9
_NS: Final = b"\x09"
_SIGNAL_DBM, _CHANNEL = 1 << 5, 1 << 3
_2_GHZ: Final = 0x0080


def header() -> bytes:
    """The beginning of a file."""
    section = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
    interfaces = ((_RADIOTAP, b"air"), (_ETHERNET, b"decrypted"))
    return _block(0x0A0D0D0A, section) + b"".join(_interface(kind, name) for kind, name in interfaces)


def air_frame(time_ns: int, frame: bytes, frequency_mhz: int, signal_dbm: int | None) -> bytes:
    """An 802.11 frame without FCS; `signal_dbm`: as it was heard, if it was."""
    present = _CHANNEL | (_SIGNAL_DBM if signal_dbm is not None else 0)
    fields = struct.pack("<HH", frequency_mhz, _2_GHZ)
    if signal_dbm is not None:
        fields += struct.pack("<b", signal_dbm)
    radiotap = struct.pack("<BBHI", 0, 0, 8 + len(fields), present) + fields
    return _packet(AIR, time_ns, radiotap + frame)


def wire_frame(time_ns: int, frame: bytes) -> bytes:
    """An Ethernet frame."""
    return _packet(WIRE, time_ns, frame)


def _interface(kind: int, name: bytes) -> bytes:
    options = _option(_NAME, name) + _option(_RESOLUTION, _NS) + _option(0, b"")
    return _block(1, struct.pack("<HHI", kind, 0, 0) + options)


def _packet(interface: int, time_ns: int, data: bytes) -> bytes:
    head = struct.pack("<5I", interface, time_ns >> 32, time_ns & 0xFFFF_FFFF, len(data), len(data))
    return _block(6, head + _padded(data))


def _option(number: int, value: bytes) -> bytes:
    return struct.pack("<HH", number, len(value)) + _padded(value)


def _block(kind: int, body: bytes) -> bytes:
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
