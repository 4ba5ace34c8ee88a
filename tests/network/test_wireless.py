"""Access points as a station meets them: scan, join, power save, faults."""

from __future__ import annotations

from typing import Any

import pytest
from support.station import GATEWAY, MAC, RSN, FakeStation

from emu.network import AccessPoint, HttpAnswer, Network, NetworkError
from emu.network.formats import icmp
from emu.network.formats.addresses import BROADCAST
from emu.network.formats.dot11 import Authentication, Element, Frame, Kind, parse_elements
from emu.network.formats.icmp import Icmp
from emu.network.formats.ipv4 import Ipv4, Protocol

OPEN, SAFE = AccessPoint("lobby", channel=6), AccessPoint("workshop", "correct horse", channel=6)
HIDDEN = AccessPoint("cellar", "staple battery", channel=6, is_hidden=True)


def ssids(frames: list[Frame]) -> list[bytes]:
    return sorted(parse_elements(frame.body[12:])[Element.SSID] for frame in frames)


def beacons(station: FakeStation) -> list[Frame]:
    return [Frame.parse(each) for each in station.radio.heard if each[0] == Kind.BEACON]


def test_beacons_come_every_102_4_ms_on_their_channel_only() -> None:
    station = FakeStation(Network(OPEN))
    station.run(1024)
    assert len(beacons(station)) in (10, 11)
    station.radio.frequency_mhz = 2412
    station.run(1024)
    assert len(beacons(station)) in (10, 11)


def test_a_hidden_network_answers_only_who_knows_its_name() -> None:
    station = FakeStation(Network(OPEN, HIDDEN))
    assert ssids(station.probe()) == [b"lobby"]
    assert ssids(station.probe(b"cellar")) == [b"cellar"]
    station.run(110)
    assert set(ssids(beacons(station))) == {b"", b"lobby"}


@pytest.mark.parametrize("ap", [OPEN, SAFE], ids=["open", "WPA2"])
def test_a_station_joins_and_gets_an_address(ap: AccessPoint) -> None:
    station = FakeStation(Network(ap))
    station.join()
    assert station.address == bytes((10, 0, 2, 15))
    station.send(
        Ipv4(station.address, GATEWAY, Protocol.ICMP, Icmp(icmp.ECHO_REQUEST, 0, b"12345678").build())
    )
    [answer] = station.packets()
    assert Icmp.parse(answer.payload) == Icmp(icmp.ECHO_REPLY, 0, b"12345678")


def test_who_has_a_wrong_password_is_thrown_out() -> None:
    station = FakeStation(Network(SAFE))
    assert station.associate(station.world.cells[0].bssid, RSN) == 0
    station.shake_hands("workshop", "wrong horse")
    station.run(6000)
    assert Kind.DEAUTHENTICATION in [frame.kind for frame in station.take()]
    assert not station.world.cells[0].stations


def test_data_in_the_clear_do_not_get_through_wpa2() -> None:
    station = FakeStation(Network(SAFE))
    station.join()
    key, station.key = station.key, b""
    ping = Ipv4(station.address, GATEWAY, Protocol.ICMP, Icmp(icmp.ECHO_REQUEST, 0, b"12345678").build())
    station.send(ping)
    station.key = key
    assert station.packets() == []
    station.send(ping)
    assert len(station.packets()) == 1


def test_an_old_frame_again_is_dropped() -> None:
    station, sent = FakeStation(Network(SAFE)), []
    station.join()
    station.world.on_frame = lambda frame, channel, signal: sent.append(frame)
    station.send(
        Ipv4(station.address, GATEWAY, Protocol.ICMP, Icmp(icmp.ECHO_REQUEST, 0, b"12345678").build())
    )
    assert len(station.packets()) == 1
    station.world.transmit(sent[0], station.radio.frequency_mhz)
    assert station.packets() == []


def test_frames_for_who_sleeps_are_kept_and_announced() -> None:
    station = FakeStation(Network(OPEN))
    station.join()
    station.null(is_dozing=True)
    station.send(
        Ipv4(station.address, GATEWAY, Protocol.ICMP, Icmp(icmp.ECHO_REQUEST, 0, b"12345678").build())
    )
    # that frame said that it is awake; it falls asleep before the answer comes
    station.null(is_dozing=True)
    assert station.packets(50) == []
    station.run(110)
    assert parse_elements(beacons(station)[-1].body[12:])[Element.TRAFFIC_MAP] == b"\0\1\0\2"
    station.take()
    station.null(is_dozing=False)
    assert len(station.packets()) == 1
    station.run(110)
    assert parse_elements(beacons(station)[-1].body[12:])[Element.TRAFFIC_MAP] == b"\0\1\0\0"


def test_a_poll_gets_one_frame_and_whether_there_are_more() -> None:
    station = FakeStation(Network(OPEN))
    station.join()
    for _ in range(2):
        station.who_has(GATEWAY)
    station.null(is_dozing=True)
    station.run(20)
    assert station.take() == []
    flags = []
    for _ in range(2):
        poll = Frame(Kind.PS_POLL, station.bssid, MAC, duration=0xC001)
        station.world.transmit(poll.build()[:16], station.radio.frequency_mhz)
        station.run(5)
        flags += [frame.flags for frame in station.take()]
    assert flags == [0x22, 0x02]


def test_who_sleeps_is_told_of_being_thrown_out_when_it_wakes() -> None:
    station = FakeStation(Network(OPEN))
    station.join()
    station.null(is_dozing=True)
    station.world.act("deauthenticate", None, 3)
    station.run(110)
    assert station.take() == []
    assert parse_elements(beacons(station)[-1].body[12:])[Element.TRAFFIC_MAP] == b"\0\1\0\2"
    station.null(is_dozing=False)
    station.run(2)
    assert [(frame.kind, frame.body) for frame in station.take()] == [(Kind.DEAUTHENTICATION, b"\3\0")]
    assert not station.world.cells[0].stations


def test_who_sleeps_on_is_forgotten_a_second_after_it_was_thrown_out() -> None:
    station = FakeStation(Network(OPEN))
    station.join()
    station.null(is_dozing=True)
    station.world.act("deauthenticate", None, 3)
    station.run(990)
    assert len(station.world.cells[0].stations) == 1
    station.run(20)
    assert not station.world.cells[0].stations


def test_frames_for_all_wait_for_the_beacon_while_somebody_sleeps() -> None:
    network = Network(OPEN)
    station = FakeStation(network)
    station.join()
    station.null(is_dozing=True)
    station.world.router.send(Ipv4(GATEWAY, b"\xff" * 4, Protocol.UDP, bytes(8)))
    station.run(1)
    assert station.take() == []
    station.run(110)
    assert [frame.receiver for frame in station.take()] == [BROADCAST]


def test_a_frame_that_is_not_heard_is_repeated_and_given_up() -> None:
    station = FakeStation(Network(OPEN))
    station.join()
    station.radio.is_on = False
    station.who_has(GATEWAY)
    station.run(5)
    station.radio.is_on = True
    station.run(10)
    assert len(station.take()) == 1
    station.radio.is_on = False
    station.who_has(GATEWAY)
    station.run(100)
    station.radio.is_on = True
    station.run(10)
    assert station.take() == []


def test_switched_off_it_is_silent_and_forgets_its_stations() -> None:
    station = FakeStation(Network(OPEN))
    station.join()
    station.world.act("switch", "lobby", False)
    station.radio.heard.clear()
    assert not station.management(Kind.AUTHENTICATION, Authentication(0, 1).build())
    station.run(500)
    assert station.radio.heard == []
    station.world.act("switch", None, True)
    station.send(Ipv4(station.address, GATEWAY, Protocol.ICMP, b"x" * 8))
    station.run(5)
    assert [Frame.parse(each).kind for each in station.radio.heard if each[0] != Kind.BEACON] == [
        Kind.DEAUTHENTICATION
    ]


@pytest.mark.parametrize("ap", [OPEN, SAFE], ids=["open", "WPA2"])
def test_a_station_that_has_gone_to_another_access_point_is_forgotten_by_the_first(ap: AccessPoint) -> None:
    station = FakeStation(Network(ap, ap))
    station.join(1)
    station.join(0)
    assert [list(bss.stations) for bss in station.world.cells] == [[MAC], []]
    ping = Icmp(icmp.ECHO_REQUEST, 0, b"12345678").build()
    station.send(Ipv4(station.address, GATEWAY, Protocol.ICMP, ping))
    assert len(station.packets()) == 1


def test_access_points_of_one_name_are_told_apart_by_their_bssids() -> None:
    station = FakeStation(Network(OPEN, OPEN))
    act, cells = station.world.act, station.world.cells
    act("switch", "02:AA:BB:CC:DD:01", False)
    assert [bss.is_on for bss in cells] == [True, False]
    act("switch", "lobby", False)
    assert [bss.is_on for bss in cells] == [False, False]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"ssid": ""}, "1 to 32 bytes"),
        ({"ssid": "x" * 33}, "1 to 32 bytes"),
        ({"ssid": "x", "password": "short"}, "8 to 63"),
        ({"ssid": "x", "channel": 14}, "1 to 13"),
        ({"ssid": "x", "signal_dbm": 1}, "-100 to 0"),
        ({"ssid": "x", "security": "WPA3"}, "needs a password"),
        ({"ssid": "x", "bssid": "02:aa"}, "MAC address"),
        ({"ssid": "x", "bssid": "x2:aa:bb:cc:dd:ee"}, "MAC address"),
        ({"ssid": "x", "bssid": "03:aa:bb:cc:dd:ee"}, "of a group"),
    ],
)
def test_access_points_that_cannot_be(arguments: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        AccessPoint(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", 99),
        ("delay_s", -1),
        ("delay_s", float("nan")),
        ("bytes_per_second", 0),
        ("reset_after_bytes", -1),
    ],
)
def test_answers_that_cannot_be(field: str, value: Any) -> None:
    with pytest.raises(NetworkError, match=field):
        HttpAnswer(**{field: value})


def test_actions_that_cannot_be() -> None:
    network = Network(OPEN)
    with pytest.raises(NetworkError, match="port"):
        network.serve_http({}, port=0)
    with pytest.raises(NetworkError, match="begin with /"):
        network.serve_http({"fw.img": b""})
    for name in ("", "a..test", "a test", "a.test:80", "x" * 254, "http://a.test/"):
        with pytest.raises(NetworkError, match="name of a host"):
            network.add_host(name)
    with pytest.raises(NetworkError, match="no IPv4 address"):
        network.serve_http({"/": b""}, host="300.1.1.1")
    wrong: Any = 5
    with pytest.raises(NetworkError, match="5 is neither bytes nor text"):
        network.serve_http({"/": wrong})
    with pytest.raises(NetworkError, match="5 is neither bytes nor text"):
        network.publish_mqtt("a", wrong)
    with pytest.raises(NetworkError, match="share"):
        network.lose_packets(2)
    with pytest.raises(NetworkError, match="none of no such name"):
        network.fail_dns("x", "loudly")
    with pytest.raises(NetworkError, match="'attic' is none of lobby"):
        FakeStation(network).world.act("switch", "attic", True)
    with pytest.raises(NetworkError, match="same BSSID"):
        Network(AccessPoint("a", bssid="02:aa:bb:cc:dd:01"), AccessPoint("b"))
