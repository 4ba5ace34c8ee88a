"""The host's sockets for a device in a virtual network; the device is a station of the tests."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.station import GATEWAY, FakeStation, FakeTcp

from emu.host.errors import HostError
from emu.host.network_choices import Allowed, Forward, parse_allowed, parse_forward
from emu.host.network_sockets import NetworkSockets
from emu.listening import PortError
from emu.machine.wifi import Wifi
from emu.network import AccessPoint, Network
from emu.network.formats.ipv4 import Protocol
from emu.network.formats.tcp import FIN, RST, SYN, Segment

ATTEMPTS = 2000


class FakeMachine:
    """What of a machine the sockets know."""

    def __init__(self, station: FakeStation) -> None:
        clock: Any = station.clock
        self.wifi = Wifi(station.world, clock, station.world.act)


@pytest.fixture
def station() -> FakeStation:
    station = FakeStation(Network(AccessPoint("lobby")))
    station.join()
    return station


def sockets_of(
    station: FakeStation, forwards: tuple[Forward, ...] = (), allowed: tuple[Allowed, ...] = ()
) -> NetworkSockets:
    machine: Any = FakeMachine(station)
    return NetworkSockets(machine, forwards, allowed)


@pytest.fixture
def echo() -> Iterator[int]:
    """A server on 127.0.0.1 that sends back what it gets; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while not is_over.is_set():
            client, _ = listener.accept()
            with client:
                while data := client.recv(4096):
                    client.sendall(data.upper())

    is_over = threading.Event()
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    is_over.set()
    socket.create_connection(listener.getsockname()).close()  # wakes the server on every system
    thread.join()
    listener.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def until(done: Callable[[], bool], sockets: NetworkSockets, step: Callable[[], None]) -> None:
    """Let both sides have their turns until something is so."""
    for _ in range(ATTEMPTS):
        if done():
            return
        sockets.attend()
        step()
    pytest.fail("it has not come to that")


def test_an_allowed_server_of_the_host_is_reached(station: FakeStation, echo: int) -> None:
    sockets = sockets_of(station, allowed=(Allowed("localhost", echo),))
    client = FakeTcp(station, GATEWAY, echo)
    until(lambda: bool(client.flags & SYN), sockets, client.run)
    assert sockets.is_busy
    client.write(b"hello")
    until(lambda: client.data == b"HELLO", sockets, client.run)
    client.close()
    until(lambda: bool(client.flags & FIN), sockets, client.run)
    until(lambda: not sockets.is_busy, sockets, client.run)


def test_many_connect_at_once_to_a_port_that_is_told(station: FakeStation) -> None:
    sockets = sockets_of(station, (Forward(0, 80),))
    [told] = sockets.announcements
    found = re.fullmatch(r"127\.0\.0\.1:(\d+) leads to port 80 of the device", told)
    assert found is not None
    clients = [socket.create_connection(("127.0.0.1", int(found[1])), timeout=0.5) for _ in range(10)]
    sockets.attend()
    syns = [packet for packet in station.packets() if packet.protocol == Protocol.TCP]
    assert len(syns) == len(clients)
    for client in clients:
        client.close()
    sockets.close()


def test_what_is_not_allowed_is_refused_without_a_socket(station: FakeStation, echo: int) -> None:
    sockets = sockets_of(station, allowed=(Allowed("localhost", echo + 1),))
    client = FakeTcp(station, GATEWAY, echo)
    client.run()
    assert client.flags & RST
    assert not sockets.is_busy


def test_a_server_that_is_not_there_refuses(station: FakeStation) -> None:
    port = free_port()
    sockets = sockets_of(station, allowed=(Allowed("localhost", port),))
    client = FakeTcp(station, GATEWAY, port)
    until(lambda: bool(client.flags & RST), sockets, client.run)
    assert not sockets.is_busy


def test_datagrams_go_to_an_allowed_server_and_back(station: FakeStation) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        port = server.getsockname()[1]
        sockets = sockets_of(station, allowed=(Allowed("127.0.0.1", port),))
        assert station.exchange(port, b"hello") == []
        data, sender = server.recvfrom(100)
        server.sendto(data.upper(), sender)
        came: list[bytes] = []
        until(
            lambda: bool(came),
            sockets,
            lambda: came.extend(packet.payload[8:] for packet in station.packets()),
        )
        assert came == [b"HELLO"]
        sockets.close()


class DeviceServer:
    """A server on the device, as much of one as is needed."""

    def __init__(self, station: FakeStation) -> None:
        self.station = station
        self.data = b""
        self.sent, self.expected = 9000, 0
        self.ports = (0, 0)

    def answer(self, flags: int, data: bytes = b"") -> None:
        segment = Segment(*self.ports, self.sent, self.expected, flags, 4000, data)
        self.station.send(segment.packet(self.station.address, GATEWAY))
        self.sent += segment.length

    def run(self) -> None:
        for packet in self.station.packets():
            segment = Segment.parse(packet)
            self.ports = segment.destination_port, segment.source_port
            self.expected = segment.sequence + segment.length
            if segment.flags & SYN:
                self.answer(0x12)
            elif segment.length:
                self.data += segment.data
                self.answer(0x10)


def test_a_port_of_the_host_leads_to_the_device(station: FakeStation) -> None:
    port = free_port()
    sockets, server = sockets_of(station, forwards=(Forward(port, 80),)), DeviceServer(station)
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"before it is open")  # nothing of this may be lost
        until(lambda: server.data == b"before it is open", sockets, server.run)
        assert server.ports[0] == 80
        server.answer(0x18, b"welcome")
        client.setblocking(False)
        came = bytearray()

        def step() -> None:
            server.run()
            try:
                came.extend(client.recv(100))
            except BlockingIOError:
                return

        until(lambda: came == b"welcome", sockets, step)
    until(lambda: not sockets.is_busy or server.data.endswith(b"open"), sockets, server.run)
    sockets.close()


def test_nobody_is_there_before_the_device_has_an_address() -> None:
    station, port = FakeStation(Network(AccessPoint("lobby"))), free_port()
    sockets = sockets_of(station, forwards=(Forward(port, 80),))
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.settimeout(10)
        sockets.attend()
        assert client.recv(1) == b""
    sockets.close()


def test_ports_are_those_of_this_machine_only(station: FakeStation) -> None:
    sockets = sockets_of(station, forwards=(Forward(free_port(), 80),))
    assert [listener.getsockname()[0] for listener, _ in sockets._listeners] == ["127.0.0.1"]
    sockets.close()


def test_a_port_that_is_taken_and_a_host_without_an_address(station: FakeStation, echo: int) -> None:
    with pytest.raises(PortError, match=rf"TCP port {echo} cannot be used"):
        sockets_of(station, forwards=(Forward(echo, 80),))
    with pytest.raises(HostError, match="no address"):
        sockets_of(station, allowed=(Allowed("does-not-exist.invalid"),))


@pytest.mark.parametrize("text", ["8080", "8080:", ":80", "80:0", "80:65536", "a:b"])
def test_forwards_that_cannot_be(text: str) -> None:
    with pytest.raises(ValueError, match="no port from 1 to 65535"):
        parse_forward(text)


def test_choices_as_text() -> None:
    assert parse_forward("8080:80") == Forward(8080, 80)
    assert parse_forward("0:80") == Forward(0, 80)
    assert parse_allowed("Example.com") == Allowed("example.com")
    assert parse_allowed("localhost:8000").seen_as == "10.0.2.2"
    for wrong in ("", ":80", "a..b"):
        with pytest.raises(ValueError, match="HOST"):
            parse_allowed(wrong)
