"""Messages of handshakes are opened, changed and sealed again, so that a station takes what they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some
from support.station import FakeStation

from emu.network import AccessPoint, Network
from emu.network.formats import eapol
from emu.network.formats.dot11 import Element, Kind
from emu.network.formats.eapol import DATA_AT
from emu.network.wireless.key_data import unwrap
from emu.network.wireless.key_frames import opened, packet_at, sealed
from emu.regress.explore.frame_fields import fields_on_air


@pytest.fixture(params=["WPA2", "WPA3"])
def station(request: pytest.FixtureRequest) -> FakeStation:
    station = FakeStation(Network(AccessPoint("lobby", "correct horse", security=request.param)))
    station.join()
    return station


def handshake_frames(station: FakeStation) -> list[bytes]:
    return [each for each in station.radio.heard if packet_at(each)]


def test_what_is_opened_and_sealed_again_is_as_it_was(station: FakeStation) -> None:
    first, third = handshake_frames(station)
    assert station.world.opened(first) == first
    plain = station.world.opened(third)
    assert plain != third
    station.world.act("inject_frame", plain, True)
    assert station.radio.heard[-1] == third


def test_a_changed_message_is_signed_and_ciphered_as_a_genuine_one(station: FakeStation) -> None:
    plain = bytearray(station.world.opened(handshake_frames(station)[1]))
    fields = {field.name: field for field in fields_on_air(bytes(plain))}
    assert fields.keys() >= {
        "EAPOL key info",
        "EAPOL replay counter",
        f"length of key data {Element.VENDOR.value}",
    }
    plain[fields[f"length of key data {Element.RSN.value}"].offset] = 200
    station.world.act("inject_frame", bytes(plain), True)
    packet = station.radio.heard[-1][packet_at(bytes(plain)) :]
    assert eapol.is_signed(packet, station.keys[:16])
    data = unwrap(station.keys[16:32], packet[DATA_AT:])
    assert data is not None
    assert data[:2] == bytes((Element.RSN, 200))
    station.world.act("inject_frame", bytes(plain))
    assert station.radio.heard[-1] == plain  # unless it is asked for


def test_who_has_no_keys_gets_it_as_it_is(station: FakeStation) -> None:
    third = handshake_frames(station)[1]
    other = third[:4] + bytes(6) + third[10:]
    assert station.world.opened(other) == other
    station.world.act("inject_frame", other, True)
    assert station.radio.heard[-1] == other


@given(body=some.binary(max_size=160), flags=some.integers(0, 255), is_qos=some.booleans())
def test_any_bytes_can_be_sealed(body: bytes, flags: int, is_qos: bool) -> None:
    kind = Kind.QOS_DATA if is_qos else Kind.DATA
    header = bytes((kind, flags)) + bytes(24 if is_qos else 22) + b"\xaa\xaa\x03\0\0\0\x88\x8e"
    for frame in (body, header + body):
        assert sealed(opened(frame, bytes(48)), bytes(48))[:32] == frame[:32]
