"""Who is let in by WPA2 and WPA3, protected management frames, and new group keys."""

from __future__ import annotations

import struct

import pytest
from support.station import GATEWAY, MAC, RSN, RSN3, FakeStation

from emu.network import AccessPoint, Network
from emu.network.formats import eapol, icmp
from emu.network.formats.dot11 import PROTECTED, Authentication, Frame, Kind
from emu.network.formats.eapol import KeyFrame
from emu.network.formats.ethernet import Ethernet, EtherType
from emu.network.formats.icmp import Icmp
from emu.network.formats.ipv4 import Ipv4, Protocol
from emu.network.formats.rsn import CAN_PROTECT, PSK, SAE, Rsn
from emu.network.wireless.key_data import group_key_in
from emu.network.wireless.sae import Side
from emu.network.wireless.sae_responder import SaeResponder
from peripherals.crypto import ccmp

WPA2 = AccessPoint("workshop", "correct horse", channel=6)
WPA3 = AccessPoint("vault", "correct horse", channel=6, security="WPA3")
BOTH = AccessPoint("annex", "correct horse", channel=6, security="WPA2/WPA3")
SA_QUERY = b"\x08\0\x12\x34"


def element(rsn: Rsn) -> bytes:
    content = rsn.build()
    return bytes((48, len(content))) + content


def prepared(ap: AccessPoint) -> FakeStation:
    station = FakeStation(Network(ap))
    station.bssid = station.world.cells[0].bssid
    return station


def is_answered(station: FakeStation) -> bool:
    ping = Icmp(icmp.ECHO_REQUEST, 0, b"12345678").build()
    station.send(Ipv4(station.address, GATEWAY, Protocol.ICMP, ping))
    return len(station.packets()) == 1


def test_elements_of_the_standard() -> None:
    """IEEE 802.11-2020, 9.4.2.24.1: examples."""
    assert Rsn((bytes.fromhex("000fac01"),)).build().hex() == "0100000fac040100000fac040100000fac010000"
    assert Rsn.parse(bytes.fromhex("0100000fac04")) == Rsn((), pairwise=())
    known = Rsn((SAE,), CAN_PROTECT, master_key_ids=(bytes(16),), group_management=bytes.fromhex("000fac06"))
    assert Rsn.parse(known.build()) == known


@pytest.mark.parametrize(
    ("ap", "rsn", "status"),
    [
        (WPA2, b"", 40),
        (WPA2, RSN, 0),
        (WPA2, element(Rsn((SAE,))), 43),
        (WPA2, element(Rsn((PSK, SAE))), 43),
        (WPA2, element(Rsn((PSK,), group=bytes.fromhex("000fac02"))), 41),
        (WPA2, element(Rsn((PSK,), pairwise=(bytes.fromhex("000fac02"),))), 42),
        (WPA2, b"\x30\4\2\0\0\0", 40),
        (BOTH, RSN, 0),
        (WPA3, RSN, 43),
        (WPA3, element(Rsn((SAE,))), 31),
        (WPA3, RSN3, 53),
    ],
)
def test_who_is_associated_without_sae(ap: AccessPoint, rsn: bytes, status: int) -> None:
    assert prepared(ap).associate(AccessPoint("x").mac(0), rsn) == status


@pytest.mark.parametrize("ap", [WPA3, BOTH])
def test_a_station_joins_by_sae_and_a_second_time_by_what_it_remembers(ap: AccessPoint) -> None:
    station = prepared(ap)
    exchange = station.prove("correct horse")
    assert exchange is not None
    assert station.ask_for_association(RSN3) == 0
    station.shake_hands_of_sae(exchange)
    station.get_address()
    assert is_answered(station)
    station.management(Kind.DEAUTHENTICATION, b"\3\0")
    station.key, station.protects_management = b"", False
    known = Rsn((SAE,), CAN_PROTECT, master_key_ids=(exchange.master_key_id,))
    assert station.associate(station.bssid, element(known)) == 0
    station.shake_hands_of_sae(exchange)
    assert is_answered(station)
    for is_on in (False, True):
        station.world.act("switch", None, is_on)
    station.take()
    station.protects_management = False
    assert station.associate(station.bssid, element(known)) == 53


def test_a_wrong_password_is_noticed_by_its_confirm_and_told() -> None:
    told: list[str] = []
    station = prepared(WPA3)
    station.world.on_event = told.append
    assert station.prove("wrong horse") is None
    assert told == ["02:80:00:00:00:01 does not know the password of vault"]
    assert not station.world.cells[0].stations


def test_only_the_stations_that_came_last_are_remembered() -> None:
    responder = SaeResponder("correct horse", bytes(6))
    commit = Authentication(3, 1, 0, Side("x", (bytes(6), MAC), bytes(range(64))).commit.build())
    for number in range(40):
        assert responder.answer(number.to_bytes(6, "big"), commit).status == 0
    assert len(responder.save()["exchanges"]) == 32
    assert (39).to_bytes(6, "big") in responder.save()["exchanges"]


def test_who_is_being_thrown_out_cannot_be_associated() -> None:
    station = prepared(WPA2)
    station.join()
    station.null(is_dozing=True)
    station.world.act("deauthenticate", None, 3)
    station.management(Kind.ASSOCIATION_REQUEST, struct.pack("<HH", 0x431, 3) + RSN)
    station.null(is_dozing=False)
    station.run(5)
    assert [frame.kind for frame in station.take()] == [Kind.DEAUTHENTICATION]


@pytest.mark.parametrize(
    ("request_body", "status"),
    [
        (Authentication(3, 1, 0, b"\x14\0" + bytes(96)), 77),
        (Authentication(3, 1, 0, b"\x13\0" + bytes(96)), 1),
        (Authentication(3, 2, 0, bytes(34)), 14),
        (Authentication(3, 3), 14),
        (Authentication(1, 1), 13),
        (Authentication(0, 3), 14),
    ],
)
def test_authentications_that_cannot_be(request_body: Authentication, status: int) -> None:
    station = prepared(WPA3)
    station.management(Kind.AUTHENTICATION, request_body.build())
    station.run(2)
    assert Authentication.parse(station.take()[0].body).status == status
    assert not station.world.cells[0].stations


def test_management_frames_of_wpa3_are_protected() -> None:
    station = prepared(WPA3)
    station.join()
    station.protects_management = False
    station.management(Kind.DEAUTHENTICATION, b"\3\0")  # of somebody else
    station.management(Kind.ACTION, SA_QUERY)
    station.run(2)
    assert station.take() == []
    station.protects_management = True
    station.management(Kind.ACTION, SA_QUERY)
    station.run(2)
    [answer] = station.take()
    plain = ccmp.unprotect(station.key, answer.build())
    assert plain is not None
    assert plain[32:] == b"\x08\1\x12\x34"
    station.world.act("deauthenticate", None, 3)
    station.run(2)
    [farewell] = station.take()
    assert farewell.flags & PROTECTED
    plain = ccmp.unprotect(station.key, farewell.build())
    assert plain is not None
    assert plain[32:] == b"\3\0"


def renewed(station: FakeStation) -> tuple[int, bytes]:
    """Take the new group key and acknowledge it."""
    station.run(2)
    [frame] = station.take()
    whole = ccmp.unprotect(station.key, frame.build())
    assert whole is not None
    packet = Ethernet.from_air(MAC, station.bssid, whole[32:]).payload
    asked = KeyFrame.parse(packet)
    assert eapol.is_signed(packet, station.keys[:16])
    assert not asked.info & eapol.PAIRWISE
    answer = KeyFrame(eapol.SECURE, asked.replay_counter, version=asked.version)
    station.send_ethernet(EtherType.EAPOL, answer.signed(station.keys[:16]).build())
    return group_key_in(station.keys, asked.data)


def group_frame(station: FakeStation) -> Frame:
    station.world.router.send(Ipv4(GATEWAY, b"\xff" * 4, Protocol.UDP, bytes(8)))
    station.run(2)
    [frame] = [frame for frame in station.take() if frame.receiver[0] & 1]
    return frame


@pytest.mark.parametrize("ap", [WPA2, WPA3])
def test_a_new_group_key_is_used_when_all_have_it(ap: AccessPoint) -> None:
    station = prepared(ap)
    station.join()
    old = group_frame(station)
    assert old.body[3] >> 6 == 1
    station.world.act("renew_group_key", None)
    assert group_frame_number(station) == 1  # nobody has acknowledged it yet
    number, key = renewed(station)
    frame = group_frame(station)
    assert (number, frame.body[3] >> 6) == (2, 2)
    assert ccmp.unprotect(key, frame.build()) is not None
    assert ccmp.packet_number_of(frame.body) == 1


def group_frame_number(station: FakeStation) -> int:
    """The number of the key in use, without taking frames."""
    authenticator = station.world.cells[0]._authenticator
    assert authenticator is not None
    return authenticator.group_key_id


def test_who_does_not_take_the_new_group_key_is_thrown_out() -> None:
    station = prepared(WPA2)
    station.join()
    station.world.act("renew_group_key", "workshop")
    station.run(4100)
    assert station.take()[-1].body == struct.pack("<H", 16)
    assert group_frame_number(station) == 2


def test_snapshots_hold_what_is_under_way() -> None:
    station = prepared(WPA3)
    station.join()
    station.world.act("renew_group_key", None)
    station.run(0.5)
    saved = station.world.save()
    renewed(station)
    assert group_frame_number(station) == 2
    station.world.restore(saved)
    assert group_frame_number(station) == 1
    assert station.world.save() == saved
