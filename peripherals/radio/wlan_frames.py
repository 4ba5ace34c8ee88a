"""Descriptors of frames in RAM, as the WLAN's driver and its hardware hand them to each other.

Layouts: code and debug information of libwlan, and accesses of the SDK's firmware; see docs/radio.md.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from peripherals.framework.environment import MasterPort

OWNED: Final = 1 << 31
"""In word 0 of a descriptor: it belongs to the hardware."""
BUFFER_BYTES: Final = 1624
STATUS_BYTES: Final = 24
LEAST_FRAME_BYTES: Final = 10
"""An acknowledgement."""
MOST_FRAME_BYTES: Final = BUFFER_BYTES - STATUS_BYTES
CCMP: Final = 2
"""Of the ciphers 0 WEP, 1 TKIP, 2 CCMP."""
_RSSI_OFFSET_DBM: Final = 110
_HT_HALF_MBITS: Final = (13, 26, 39, 52, 78, 104, 117, 130)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A frame that the firmware wants to be sent, and what it wants with it."""

    frame: bytes
    """Header, room for the cipher's numbers, body; not encrypted."""
    is_encrypted: bool
    cipher: int
    key: int
    """Number of a unicast key; 0x20 and more: of a group key."""
    traffic: int
    """Traffic identifier; 15: management."""
    is_acknowledged: bool
    rate: int
    """Of the first try, in 500 kbit/s; bit 7: HT modulation and coding scheme."""
    next: int
    """Address of the next descriptor of the ring."""


def read_outgoing(memory: MasterPort, address: int) -> Outgoing | None:
    """The frame of a send descriptor; None if the descriptor does not belong to the hardware.

    BusError for addresses where nothing answers.
    """
    owner, mac_address, body_address, lengths, protection, following = struct.unpack(
        "<6I", memory.read(address, 24)
    )
    if not owner & OWNED:
        return None
    traffic, _, plain, _, _, _, rates, _ = struct.unpack("<8I", memory.read(mac_address, 32))
    header_bytes, iv_bytes, body_bytes = plain >> 16 & 0x3F, 4 * (lengths >> 20 & 3), lengths & 0xFFF
    header = memory.read(mac_address + 32, header_bytes + iv_bytes)
    body = memory.read(body_address, body_bytes) if body_bytes else b""
    return Outgoing(
        frame=header + body,
        is_encrypted=bool(protection & 1),
        cipher=protection >> 1 & 3,
        key=protection >> 4 & 0x3F,
        traffic=traffic >> 12 & 0xF,
        is_acknowledged=not plain >> 29 & 1,
        rate=rates & 0xFF,
        next=following,
    )


def air_time_ns(size_bytes: int, rate: int) -> int:
    """How long a frame takes with preamble, spaces and acknowledgement. GUESS: 100 us, for all of them."""
    half_mbits = _HT_HALF_MBITS[rate & 7] if rate & 0x80 else rate or 2
    return 100_000 + size_bytes * 8 * 2000 // half_mbits


def received(frame: bytes, signal_dbm: int, cipher: int | None, *, is_decrypted: bool) -> bytes:
    """What goes into a receive buffer: 24 bytes of status, then the frame; `cipher`: what protected it."""
    # GUESS: the rate code 0, which the firmware takes, as it takes that a MIC is gone and not counted.
    strength = (signal_dbm + _RSSI_OFFSET_DBM & 0x7F) << 25
    protection = 0 if cipher is None else cipher << 14 | (not is_decrypted) << 8
    return struct.pack("<6I", strength, len(frame), 0, 0, protection, 0) + frame
