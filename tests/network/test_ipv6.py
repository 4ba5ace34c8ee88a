"""IPv6 as a device meets it: neighbour discovery, an address of its own, and servers behind NAT64."""

from __future__ import annotations

import struct

import pytest
from support.station import MAC, FakeStation

from emu.network import AccessPoint, Network
from emu.network.formats import dhcpv6, dns, icmpv6
from emu.network.formats.addresses import parse_ip
from emu.network.formats.dhcpv6 import Dhcpv6, Option
from emu.network.formats.errors import FormatError
from emu.network.formats.ethernet import Ethernet, EtherType
from emu.network.formats.icmpv6 import Icmpv6
from emu.network.formats.ipv6 import Ipv6, NextHeader, ipv6_text, parse_ipv6
from emu.network.formats.tcp import ACK, PSH, SYN, Segment
from emu.network.formats.udp import Udp
from emu.network.internet.ipv6_router import LINK_LOCAL, ROUTER
from emu.network.internet.router import MAC as ROUTER_MAC

OWN = parse_ipv6("fe80::80:ff:fe00:1")
OWN_GLOBAL = parse_ipv6("2001:db8:0:2:80:ff:fe00:1")
ALL_NODES, ALL_ROUTERS = parse_ipv6("ff02::1"), parse_ipv6("ff02::2")
SERVER = parse_ipv6("64:ff9b::c612:1")
ALL_DHCPV6_SERVERS = parse_ipv6("ff02::1:2")
NOWHERE = parse_ipv6("2001:db8::99")


class Device:
    """A station that speaks IPv6."""

    def __init__(self) -> None:
        network = Network(AccessPoint("lobby"))
        network.serve_http({"/page": b"hello"}, host="server.test")
        network.serve_udp(7, lambda data: data.upper(), host="server.test")
        self.station = FakeStation(network)
        self.station.join()
        world = self.station.world
        world.outside.tell = self._told

    def _told(self, event: str, key: object, data: bytes) -> None:
        if event == "datagram":
            self.station.world.act("send_datagram", key, data.upper())

    def send(self, packet: Ipv6, to: bytes = ROUTER_MAC) -> list[Ipv6]:
        """Send a packet; what comes back."""
        self.station.send_ethernet(EtherType.IPV6, packet.build(), to)
        self.station.run(5)
        frames = [Ethernet.from_air(each.receiver, each.third, each.body) for each in self.station.take()]
        return [Ipv6.parse(each.payload) for each in frames if each.type == EtherType.IPV6]

    def ask(self, kind: int, rest: bytes, source: bytes, destination: bytes, hops: int = 255) -> list[Ipv6]:
        return self.send(Icmpv6(kind, 0, rest).packet(source, destination, hops))

    def datagram(self, port: int, data: bytes, destination: bytes = SERVER) -> list[Ipv6]:
        payload = struct.pack(">HHHH", 4000, port, 8 + len(data), 0) + data
        return self.send(Ipv6(OWN_GLOBAL, destination, NextHeader.UDP, payload).with_checksum())


@pytest.fixture
def device() -> Device:
    return Device()


def test_a_router_says_who_it_is_and_which_addresses_there_are(device: Device) -> None:
    [answer] = device.ask(icmpv6.ROUTER_SOLICITATION, bytes(4), OWN, ALL_ROUTERS)
    assert (answer.source, answer.destination, answer.hop_limit) == (LINK_LOCAL, OWN, 255)
    message = Icmpv6.parse(answer)
    assert message.type == icmpv6.ROUTER_ADVERTISEMENT
    assert parse_ipv6("2001:db8:0:2::") in message.rest
    [answer] = device.ask(icmpv6.ROUTER_SOLICITATION, bytes(4), bytes(16), ALL_ROUTERS)
    assert answer.destination == ALL_NODES
    device.station.run(600_000)
    assert [frame.receiver[:2] for frame in device.station.take()] == [b"\x33\x33"]


def test_who_asks_for_it_by_dhcpv6_is_told_the_dns_server(device: Device) -> None:
    def ask(message: Dhcpv6, port: int = 547) -> list[Ipv6]:
        request = Udp(546, port, message.build()).build()
        return device.send(Ipv6(OWN, ALL_DHCPV6_SERVERS, NextHeader.UDP, request).with_checksum())

    device.ask(icmpv6.ROUTER_SOLICITATION, bytes(4), OWN, ALL_ROUTERS)
    [answer] = ask(Dhcpv6(dhcpv6.INFORMATION_REQUEST, b"abc", {Option.CLIENT: b"me", 6: b"\0\x17"}))
    assert (answer.source, answer.destination) == (LINK_LOCAL, OWN)
    datagram = Udp.parse(answer)
    assert (datagram.source_port, datagram.destination_port) == (547, 546)
    told = Dhcpv6.parse(datagram.data)
    assert (told.type, told.transaction) == (dhcpv6.REPLY, b"abc")
    server = bytes.fromhex("00030001") + ROUTER_MAC
    assert told.options == {Option.CLIENT: b"me", Option.SERVER: server, Option.DNS_SERVERS: ROUTER}
    assert ask(Dhcpv6(1, b"abc", {})) == []  # addresses are not to be had
    assert ask(Dhcpv6(dhcpv6.INFORMATION_REQUEST, b"abc", {}), port=548) == []


@pytest.mark.parametrize(
    "data", [b"\x0babc\0", b"\x0babc\0\1\0", b"\x0babc\0\1\0\2x", b"\x0b"], ids=lambda data: data.hex()
)
def test_damaged_dhcpv6_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError, match="DHCPv6"):
        Dhcpv6.parse(data)


@pytest.mark.parametrize("target", [LINK_LOCAL, ROUTER])
def test_its_addresses_are_found(device: Device, target: bytes) -> None:
    [answer] = device.ask(icmpv6.NEIGHBOUR_SOLICITATION, bytes(4) + target, OWN, ALL_NODES)
    message = Icmpv6.parse(answer)
    assert (message.type, message.target) == (icmpv6.NEIGHBOUR_ADVERTISEMENT, target)
    assert message.rest.endswith(b"\2\1" + ROUTER_MAC)


def test_what_is_not_for_it_is_not_answered(device: Device) -> None:
    solicitation = icmpv6.NEIGHBOUR_SOLICITATION
    assert (
        device.ask(solicitation, bytes(4) + OWN_GLOBAL, bytes(16), ALL_NODES) == []
    )  # is somebody else there?
    assert device.ask(solicitation, bytes(4) + LINK_LOCAL, OWN, ALL_NODES, hops=64) == []  # from afar
    assert device.ask(icmpv6.ROUTER_SOLICITATION, bytes(4), OWN, ALL_ROUTERS, hops=64) == []
    assert device.ask(icmpv6.ECHO_REQUEST, bytes(4), OWN, ALL_NODES) == []
    assert device.datagram(7, b"hello", NOWHERE) == []


def test_pings_are_answered(device: Device) -> None:
    [answer] = device.ask(icmpv6.ECHO_REQUEST, b"12345678", OWN_GLOBAL, SERVER)
    assert Icmpv6.parse(answer) == Icmpv6(icmpv6.ECHO_REPLY, 0, b"12345678")
    assert answer.source == SERVER


def test_names_have_addresses_behind_nat64(device: Device) -> None:
    question = bytes.fromhex("123401000001000000000000") + b"\6server\4test\0"
    for kind, address in ((dns.A, parse_ip("198.18.0.1")), (dns.AAAA, SERVER)):
        [answer] = device.datagram(dns.PORT, question + struct.pack(">HH", kind, 1), ROUTER)
        assert (answer.source, answer.destination) == (ROUTER, OWN_GLOBAL)
        assert answer.payload.endswith(struct.pack(">HIH", 1, 60, len(address)) + address)
    [answer] = device.datagram(dns.PORT, question + struct.pack(">HH", 15, 1), ROUTER)  # MX
    assert answer.payload[8 + 7] == 0


def test_datagrams_and_segments_reach_servers(device: Device) -> None:
    [answer] = device.datagram(7, b"hello")
    assert answer.is_whole
    assert answer.payload[8:] == b"HELLO"
    assert answer.source == SERVER
    [refused] = device.datagram(9, b"nobody")
    message = Icmpv6.parse(refused)
    assert (message.type, message.code) == (icmpv6.UNREACHABLE, icmpv6.PORT_UNREACHABLE)
    assert Ipv6(OWN_GLOBAL, SERVER, NextHeader.UDP, bytes(8)).build()[:40] == message.rest[4:44]
    assert device.station.world.router.ipv6.devices[OWN_GLOBAL] == MAC


def segment(sequence: int, acknowledgement: int, flags: int, data: bytes = b"") -> Ipv6:
    whole = Segment(5000, 80, sequence, acknowledgement, flags, 4000, data, 1440 if flags & SYN else None)
    payload = whole.packet(bytes(4), bytes(4)).payload
    return Ipv6(OWN_GLOBAL, SERVER, NextHeader.TCP, payload).with_checksum()


def test_a_page_is_loaded(device: Device) -> None:
    [answer] = device.send(segment(1000, 0, SYN))
    assert answer.is_whole
    expected = int.from_bytes(answer.payload[4:8], "big") + 1
    answers = device.send(segment(1001, expected, ACK | PSH, b"GET /page HTTP/1.1\r\n\r\n"))
    assert b"".join(each.payload[20:] for each in answers).endswith(b"\r\n\r\nhello")


def test_damaged_packets_are_dropped(device: Device) -> None:
    told: list[str] = []
    device.station.world.on_event = told.append
    packet = Ipv6(OWN_GLOBAL, SERVER, NextHeader.UDP, struct.pack(">HHHH", 4000, 7, 8, 0)).with_checksum()
    damaged = Ipv6(OWN_GLOBAL, SERVER, NextHeader.UDP, packet.payload[:-1] + b"\x55")
    assert device.send(damaged) == []
    assert told[1:] == ["a packet of the device is dropped: a damaged segment or datagram in IPv6"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (bytes(39), "of 39 bytes"),
        (b"\x40" + bytes(39), "in 40"),
        (b"\x60\0\0\0\0\1" + bytes(34), "41 bytes in 40"),
        (b"\x60\0\0\0\0\10\x2c" + bytes(41), "a fragment"),
        (b"\x60\0\0\0\0\4\0" + bytes(37), "extension header beyond"),
        (b"\x60\0\0\0\0\10\0" + bytes(33) + b"\x3a\1" + bytes(6), "extension header beyond"),
    ],
)
def test_packets_that_cannot_be(data: bytes, problem: str) -> None:
    with pytest.raises(FormatError, match=problem):
        Ipv6.parse(data)


def test_extension_headers_are_passed_over() -> None:
    data = b"\x60\0\0\0\0\x18\0\xff" + OWN + ALL_NODES + b"\x3c" + bytes(7) + b"\x3a" + bytes(7) + b"contents"
    assert Ipv6.parse(data) == Ipv6(OWN, ALL_NODES, NextHeader.ICMPV6, b"contents", 255)
    assert ipv6_text(OWN) == "fe80::80:ff:fe00:1"
