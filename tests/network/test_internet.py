"""What is behind the access points: the router, names, web servers, TCP, and servers outside."""

from __future__ import annotations

import pytest
from support.station import GATEWAY, FakeStation, FakeTcp

from emu.network import AccessPoint, HttpAnswer, Network
from emu.network.formats.ethernet import EtherType
from emu.network.formats.tcp import FIN, RST, SYN

OPEN = AccessPoint("lobby", channel=6)
QUESTION = bytes.fromhex("12340100000100000000000006757064617465047465737400000100 01".replace(" ", ""))


def http_get(station: FakeStation, path: str = "/fw.img", more: str = "") -> FakeTcp:
    client = FakeTcp(station, GATEWAY, 80)
    client.run()
    assert client.flags & SYN
    client.write(f"GET {path} HTTP/1.1\r\nHost: gateway\r\n{more}\r\n".encode())
    return client


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
