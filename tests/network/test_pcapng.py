"""Captures: the blocks of the file, as the draft of pcapng has them."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from emu.network import pcapng


def blocks(data: bytes) -> Iterator[tuple[int, bytes]]:
    while data:
        kind, length = struct.unpack_from("<II", data)
        assert length % 4 == 0
        assert data[length - 4 : length] == struct.pack("<I", length)
        yield kind, data[8 : length - 4]
        data = data[length:]


def test_a_file_begins_with_a_section_and_two_interfaces() -> None:
    (section, body), (first, air), (second, wire) = blocks(pcapng.header())
    assert (section, body[:4]) == (0x0A0D0D0A, b"\x4d\x3c\x2b\x1a")
    assert (first, second) == (1, 1)
    assert [int.from_bytes(each[:2], "little") for each in (air, wire)] == [127, 1]


def test_a_frame_on_the_air_has_frequency_and_signal() -> None:
    [(kind, body)] = blocks(pcapng.air_frame(0x1_0000_0002, b"frame", 2437, -40))
    number, high, low, captured, length = struct.unpack_from("<5I", body)
    assert (kind, number, high, low) == (6, pcapng.AIR, 1, 2)
    data = body[20 : 20 + captured]
    assert captured == length
    header_bytes = int.from_bytes(data[2:4], "little")
    assert data[header_bytes:] == b"frame"
    assert struct.unpack_from("<IHHb", data, 4) == (0x28, 2437, 0x80, -40)


def test_the_devices_own_frames_have_no_signal() -> None:
    [(_, body)] = blocks(pcapng.air_frame(0, b"frame", 2412, None))
    assert struct.unpack_from("<HIH", body, 22) == (12, 8, 2412)


def test_a_frame_on_the_wire_is_as_it_is() -> None:
    [(_, body)] = blocks(pcapng.wire_frame(5, b"ethernet"))
    assert body == struct.pack("<5I", pcapng.WIRE, 0, 5, 8, 8) + b"ethernet"
