"""Damaged and made-up frames, 10,000 each way: neither the networks nor the emulator mind."""

from __future__ import annotations

import random
from itertools import count

import pytest
from network.test_visitor import Air
from support.mutation import mutated
from support.station import GATEWAY, FakeStation, FakeTcp

from emu import AccessPoint, Machine, Network
from emu.machine.demo import OVER_THE_AIR_FIRMWARE, over_the_air_network
from emu.network.formats import dns, icmp, icmpv6
from emu.network.formats.dot11 import Kind
from emu.network.formats.errors import FormatError
from emu.network.formats.ethernet import EtherType
from emu.network.formats.icmp import Icmp
from emu.network.formats.icmpv6 import Icmpv6
from emu.network.formats.ipv4 import Ipv4, Protocol
from emu.network.formats.ipv6 import parse_ipv6
from emu.network.formats.tcp import Segment
from emu.network.formats.udp import Udp
from emu.network.internet.ipv6_router import ROUTER
from emu.network.wireless.bss import Bss

FRAMES = 10_000
QUESTION = bytes.fromhex("12340100000100000000000006757064617465047465737400 00010001".replace(" ", ""))
LOBBY, SAFE = AccessPoint("lobby"), AccessPoint("workshop", "correct horse")
VAULT = AccessPoint("vault", "correct horse", security="WPA3")


def network(ap: AccessPoint) -> Network:
    network = Network(ap)
    network.serve_http({"/fw.img": bytes(5000)})
    network.serve_udp(7, lambda data: data)
    return network


def session(ap: AccessPoint) -> tuple[FakeStation, list[bytes], list[bytes]]:
    """A station that has done all it can do, and the frames of both directions."""
    station, sent, heard = FakeStation(network(ap)), list[bytes](), list[bytes]()
    station.world.on_frame = lambda frame, _, signal: (sent if signal is None else heard).append(frame)
    station.probe()
    station.join()
    station.null(is_dozing=False)
    station.who_has(GATEWAY)
    station.exchange(dns.PORT, QUESTION)
    station.exchange(9, b"nobody")
    ping = Icmp(icmp.ECHO_REQUEST, 0, b"12345678").build()
    station.send(Ipv4(station.address, GATEWAY, Protocol.ICMP, ping))
    own = parse_ipv6("2001:db8:0:2:80:ff:fe00:1")
    for message, to in (
        (Icmpv6(icmpv6.ROUTER_SOLICITATION, 0, bytes(4)), parse_ipv6("ff02::2")),
        (Icmpv6(icmpv6.NEIGHBOUR_SOLICITATION, 0, bytes(4) + ROUTER), ROUTER),
        (Icmpv6(icmpv6.ECHO_REQUEST, 0, b"12345678"), parse_ipv6("64:ff9b::a00:202")),
    ):
        station.send_ethernet(EtherType.IPV6, message.packet(own, to, 255).build(), b"\x33\x33\0\0\0\2")
        station.run(5)
    client = FakeTcp(station, GATEWAY, 80)
    client.run()
    client.write(b"GET /fw.img HTTP/1.1\r\n\r\n")
    client.run(5, steps=10)
    client.close()
    client.run(5, steps=3)
    assert client.data.endswith(bytes(5000))
    station.world.on_frame = lambda *_: None
    return station, sent, heard


@pytest.mark.parametrize("ap", [LOBBY, SAFE, VAULT], ids=["open", "WPA2", "WPA3"])
def test_networks_bear_damaged_frames_of_a_station(ap: AccessPoint) -> None:
    station, sent, _ = session(ap)
    chance = random.Random(1)
    kinds = {frame[0]: frame for frame in sent}
    for _ in range(FRAMES // 2):
        one = chance.choice(list(kinds.values()) if chance.random() < 0.5 else sent)
        station.world.transmit(mutated(chance, one), station.radio.frequency_mhz)
        station.run(0.3)
    station.run(10_000)
    for is_on in (False, True):  # it may be full of stations that there are not
        station.world.act("switch", None, is_on)
    station.take()
    station.key, station.protects_management = b"", False
    station.join()
    assert station.address == bytes((10, 0, 2, 15))


def test_a_visitor_bears_damaged_frames_of_the_device() -> None:
    air, chance, count = Air(SAFE, SAFE.password, SAFE.ssid), random.Random(6), 0

    def damage(frame: bytes) -> None:
        try:
            air.visitor.hear(frame)
        except FormatError:
            return

    def send(bss: Bss, frame: bytes) -> bool:
        nonlocal count
        for _ in range(20):
            count += 1
            damage(mutated(chance, frame))
        return air.visitor.hear(frame)

    air.bss._transmit = send
    while count < FRAMES // 4:
        air.bss.deauthenticate()
        air.run(5)
    air.bss._transmit = lambda _, frame: air.visitor.hear(frame)
    air.run(20)
    assert air.visitor.has_address


def test_tcp_bears_segments_that_make_no_sense() -> None:
    station, _, _ = session(LOBBY)
    chance = random.Random(2)
    for number in range(FRAMES // 4):
        connections = list(station.world.router.tcp.connections.values())
        one = connections[0] if connections else None
        near = [0, 1, 0xFFFF_FFFF, chance.getrandbits(32)]
        if one is not None:
            near += [one.expected, one.expected - 1, one.expected + 1, one.sent, one.acknowledged]
        ports = (one.key[1] if one else 5000 + number % 3, chance.choice((80, 80, 9, 0)))
        places = (chance.choice(near) & 0xFFFF_FFFF, chance.choice(near) & 0xFFFF_FFFF)
        flags = chance.choice((2, 16, 18, 17, 4, 24, chance.randrange(64)))
        data = b"GET / HTTP/1.1\r\n\r\n"[: chance.randrange(30)]
        window, size = chance.choice((0, 1, 4000, 0xFFFF)), chance.choice((None, 0, 1, 536, 0xFFFF))
        segment = Segment(*ports, *places, flags, window, data, size)
        station.send(segment.packet(station.address, GATEWAY))
        station.run(chance.choice((0.1, 5, 600)))
    station.run(120_000)
    assert len(station.world.router.tcp.connections) < 20


def test_servers_bear_payloads_that_make_no_sense() -> None:
    station, _, _ = session(LOBBY)
    chance = random.Random(3)
    for _ in range(FRAMES // 4):
        port = chance.choice((53, 67, 7, 68, 0))
        payload = mutated(chance, QUESTION + bytes(300)) if chance.random() < 0.8 else chance.randbytes(400)
        station.send(Udp(chance.choice((68, 4000)), port, payload).packet(station.address, GATEWAY))
        station.run(0.3)
    for text in (
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"\xff" * 300 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    ):
        client = FakeTcp(station, GATEWAY, 80)
        client.run()
        client.write(text)
        client.run(5, steps=5)
        assert client.data.startswith(b"HTTP/1.1 404 ")
        client.close()
        client.run(5, steps=2)


def test_firmware_gets_damaged_frames_and_the_emulator_goes_on() -> None:
    _, _, heard = session(LOBBY)
    network = over_the_air_network()
    chance, sent = random.Random(4), count()
    with Machine.load(OVER_THE_AIR_FIRMWARE, network=network) as machine:
        machine.wifi.fail_dns()  # it tries again and again
        machine.uart0.expect("nobody knows")
        security, own = machine.board.soc.wlan_security, bytes.fromhex("028000000001")
        by_kind = {frame[0]: frame for frame in heard}

        def inject() -> None:
            one = chance.choice(heard if chance.random() < 0.5 else list(by_kind.values()))
            damaged = mutated(chance, one)
            if chance.random() < 0.8:  # what is addressed to it gets further
                damaged = damaged[:4] + own + damaged[10:]
            security.receive(damaged, chance.randrange(-110, 20))
            next(sent)
            alarm.schedule(500_000)

        alarm = machine.board.clock.alarm(inject)
        alarm.schedule(0)
        result = machine.run_for(FRAMES * 0.0005)
        assert result.crash is None
        assert next(sent) > FRAMES - 10
        alarm.cancel()
        machine.wifi.mend_dns()
        machine.reset()
        machine.uart0.expect("atcmd init finished", 30)


def test_short_frames_are_no_frames() -> None:
    station = FakeStation(network(LOBBY))
    for size in range(40):
        for kind in Kind:
            station.world.transmit(bytes((kind,)).ljust(size, b"\xff")[:size], station.radio.frequency_mhz)
    station.run(100)
