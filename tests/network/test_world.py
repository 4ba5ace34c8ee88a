"""Networks in virtual time, as a station meets them: scan, join, addresses, names, servers, faults."""

from __future__ import annotations

import pytest
from support.station import GATEWAY, MAC, RSN, FakeStation, FakeTcp

from emu.network import AccessPoint, HttpAnswer, Network, NetworkError
from emu.network.formats import icmp
from emu.network.formats.addresses import BROADCAST
from emu.network.formats.dot11 import Authentication, Element, Frame, Kind, parse_elements
from emu.network.formats.ethernet import EtherType
from emu.network.formats.icmp import Icmp
from emu.network.formats.ipv4 import Ipv4, Protocol
from emu.network.formats.tcp import FIN, RST, SYN

OPEN, SAFE = AccessPoint("lobby", channel=6), AccessPoint("workshop", "correct horse", channel=6)
HIDDEN = AccessPoint("cellar", "staple battery", channel=6, is_hidden=True)
QUESTION = bytes.fromhex("12340100000100000000000006757064617465047465737400000100 01".replace(" ", ""))


def ssids(frames: list[Frame]) -> list[bytes]:
    return sorted(parse_elements(frame.body[12:])[Element.SSID] for frame in frames)


def beacons(station: FakeStation) -> list[Frame]:
    return [Frame.parse(each) for each in station.radio.heard if each[0] == Kind.BEACON]


def http_get(station: FakeStation, path: str = "/fw.img", more: str = "") -> FakeTcp:
    client = FakeTcp(station, GATEWAY, 80)
    client.run()
    assert client.flags & SYN
    client.write(f"GET {path} HTTP/1.1\r\nHost: gateway\r\n{more}\r\n".encode())
    return client


# ---- the air ---------------------------------------------------------------------------------------


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


def test_without_the_element_of_wpa2_nobody_is_associated() -> None:
    assert FakeStation(Network(SAFE)).associate(AccessPoint("x").mac(0)) == 43


def test_wpa3_is_refused_and_told() -> None:
    told: list[str] = []
    station = FakeStation(Network(SAFE))
    station.world.on_event = told.append
    station.bssid = station.world.cells[0].bssid
    station.management(Kind.AUTHENTICATION, Authentication(3, 1).build())
    station.run(2)
    assert Authentication.parse(station.take()[0].body).status == 13
    assert "SAE" in told[0]


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


# ---- behind the access points ----------------------------------------------------------------------


def test_the_router_answers_for_all_addresses_but_those_of_devices() -> None:
    station = FakeStation(Network(OPEN))
    station.join()
    station.who_has(GATEWAY)
    station.who_has(station.address)
    station.run(10)
    [answer] = station.take()
    assert answer.body[6:8] == EtherType.ARP.to_bytes(2, "big")


def test_names_are_resolved_as_long_as_nobody_lets_it_fail() -> None:
    network = Network(OPEN)
    network.add_host("update.test", "203.0.113.7")
    station = FakeStation(network)
    station.join()
    assert station.exchange(53, QUESTION)[0].endswith(bytes((203, 0, 113, 7)))
    station.world.act("fail_dns", "update.test", 3)
    assert station.exchange(53, QUESTION)[0][3] & 0xF == 3
    station.world.act("fail_dns", "*", 2)
    station.world.act("mend_dns", "update.test")
    assert station.exchange(53, QUESTION)[0][3] & 0xF == 2
    station.world.act("fail_dns", "*", -1)
    assert station.exchange(53, QUESTION) == []
    station.world.act("mend_dns", "*")
    assert station.exchange(53, QUESTION)[0].endswith(bytes((203, 0, 113, 7)))


def test_where_nobody_is_a_datagram_is_unreachable_and_a_connection_refused() -> None:
    station = FakeStation(Network(OPEN))
    station.join()
    assert station.exchange(9, b"anybody?") == []
    client = FakeTcp(station, GATEWAY, 9)
    client.run()
    assert client.flags & RST


def test_a_file_comes_by_http() -> None:
    network, image = Network(OPEN), bytes(range(256)) * 150
    network.serve_http({"/fw.img": image})
    station = FakeStation(network)
    station.join()
    client = http_get(station)
    client.run(5, steps=60)
    head, _, body = client.data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\nContent-Length: 38400\r\n")
    assert body == image
    assert client.flags & FIN
    client.close()
    client.run(10, steps=2)
    assert not station.world.router.tcp.connections
    [request] = station.world.http.requests
    assert (request.method, request.path, request.host) == ("GET", "/fw.img", "gateway")


@pytest.mark.parametrize(
    ("path", "more", "start", "body"),
    [
        ("/none", "", b"HTTP/1.1 404 ", b"no /none here\n"),
        ("/fw.img?x=1", "", b"HTTP/1.1 200 ", b"0123456789"),
        ("/fw.img", "Range: bytes=3-5\r\n", b"HTTP/1.1 206 ", b"345"),
        ("/fw.img", "Range: bytes=8-\r\n", b"HTTP/1.1 206 ", b"89"),
        ("/fw.img", "Range: bytes=10-\r\n", b"HTTP/1.1 416 ", b""),
        (
            "/moved",
            "",
            b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\nLocation: /fw.img",
            b"",
        ),
        ("/lies", "", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n", b"short"),
    ],
)
def test_answers_of_a_web_server(path: str, more: str, start: bytes, body: bytes) -> None:
    network = Network(OPEN)
    moved = HttpAnswer(status=302, headers={"Location": "/fw.img"})
    lies = HttpAnswer(b"short", claimed_bytes=99)
    network.serve_http({"/fw.img": b"0123456789", "/moved": moved, "/lies": lies})
    station = FakeStation(network)
    station.join()
    client = http_get(station, path, more)
    client.run(5, steps=5)
    assert client.data.startswith(start)
    assert client.data.partition(b"\r\n\r\n")[2] == body


def test_a_connection_that_the_device_leaves_half_closed_is_forgotten_in_the_end() -> None:
    network = Network(OPEN)
    network.serve_http({"/fw.img": b"0123456789"})
    station = FakeStation(network)
    station.join()
    client = http_get(station)
    client.run(5, steps=5)
    assert client.flags & FIN
    station.run(59_000)
    assert len(station.world.router.tcp.connections) == 1
    station.run(2_000)
    assert not station.world.router.tcp.connections


def test_a_slow_server_takes_its_time_and_a_broken_one_resets() -> None:
    network = Network(OPEN)
    network.serve_http({"/slow": HttpAnswer(bytes(1000), bytes_per_second=1000, delay_s=0.5)})
    network.serve_http({"/fw.img": HttpAnswer(bytes(5000), reset_after_bytes=3000)})
    station = FakeStation(network)
    station.join()
    client = http_get(station, "/slow")
    client.run(10, steps=45)
    assert client.data == b""
    client.run(10, steps=50)
    assert 300 < len(client.data.partition(b"\r\n\r\n")[2]) < 700
    client.run(10, steps=80)
    assert len(client.data.partition(b"\r\n\r\n")[2]) == 1000
    client.close()
    client.run()
    client = http_get(station)
    client.run(5, steps=20)
    assert client.flags & RST
    assert len(client.data.partition(b"\r\n\r\n")[2]) == 3000


@pytest.mark.parametrize("seed", range(5))
def test_tcp_repeats_what_is_lost(seed: int) -> None:
    network, image = Network(OPEN), bytes(range(256)) * 100
    network.serve_http({"/fw.img": image})
    station = FakeStation(network)
    station.join()
    client = http_get(station)
    station.world.act("lose_packets", 0.1, seed)
    client.run(5, steps=4000)
    if not client.data:  # the request itself was lost: this client repeats nothing
        return
    assert client.data.partition(b"\r\n\r\n")[2] == image


def test_a_closed_window_is_probed_until_it_opens() -> None:
    network, image = Network(OPEN), bytes(range(256)) * 20
    network.serve_http({"/fw.img": image})
    station = FakeStation(network)
    station.join()
    client = FakeTcp(station, GATEWAY, 80, window=1000)
    client.run()
    client.window = 0
    client.write(b"GET /fw.img HTTP/1.1\r\n\r\n")
    client.run(10, steps=100)
    assert len(client.data) < 10
    client.window = 4000
    client.run(10, steps=400)
    assert client.data.partition(b"\r\n\r\n")[2] == image


def test_a_server_outside_is_asked_and_answers_through_actions() -> None:
    network, told = Network(OPEN), []
    network.serve_udp(7, lambda data: None)
    station = FakeStation(network)
    station.world.outside.tell = lambda event, key, data: told.append((event, key, data))
    station.world.act("allow", "10.0.2.2", 8080)
    station.join()
    assert station.exchange(7, b"hello") == []
    [(event, key, data)] = told
    assert (event, data) == ("datagram", b"hello")
    station.world.act("send_datagram", key, b"HELLO")
    assert len(station.packets()) == 1
    told.clear()
    client = FakeTcp(station, GATEWAY, 8080)
    client.run()
    assert not client.flags
    station.world.act("accept", told[0][1])
    client.run()
    client.write(b"ping")
    client.run()
    assert [(event, data) for event, _, data in told] == [("open", b""), ("opened", b""), ("data", b"ping")]
    station.world.act("send", told[0][1], b"pong")
    station.world.act("close", told[0][1])
    client.run(steps=3)
    assert client.data == b"pong"
    assert client.flags & FIN


# ---- what cannot be --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"ssid": ""}, "1 to 32 bytes"),
        ({"ssid": "x" * 33}, "1 to 32 bytes"),
        ({"ssid": "x", "password": "short"}, "8 to 63"),
        ({"ssid": "x", "channel": 14}, "1 to 13"),
        ({"ssid": "x", "signal_dbm": 1}, "-100 to 0"),
        ({"ssid": "x", "bssid": "02:aa"}, "MAC address"),
    ],
)
def test_access_points_that_cannot_be(arguments: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        AccessPoint(**arguments)  # type: ignore[arg-type]


def test_actions_that_cannot_be() -> None:
    network = Network(OPEN)
    with pytest.raises(NetworkError, match="port"):
        network.serve_http({}, port=0)
    with pytest.raises(NetworkError, match="begin with /"):
        network.serve_http({"fw.img": b""})
    with pytest.raises(NetworkError, match="name of a host"):
        network.add_host("")
    with pytest.raises(NetworkError, match="share"):
        network.lose_packets(2)
    with pytest.raises(NetworkError, match="none of no such name"):
        network.fail_dns("x", "loudly")
    with pytest.raises(NetworkError, match="no access point"):
        FakeStation(network).world.act("switch", "attic", True)
    with pytest.raises(NetworkError, match="same BSSID"):
        Network(AccessPoint("a", bssid="02:aa:bb:cc:dd:01"), AccessPoint("b"))
