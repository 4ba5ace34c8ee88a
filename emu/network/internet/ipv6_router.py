"""IPv6 on the router: it announces itself and a prefix, and leads to the servers, which have IPv4, by NAT64.

To IPv6 every host is at its IPv4 address behind the prefix 64:ff9b::/96 (RFC 6052), and names are resolved to
that (RFC 6147). To servers a device is at an address of 100.64.0.0/10 (RFC 6598); packets are translated both
ways (RFC 7915).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from emu.network.agenda import SECOND, Agenda
from emu.network.formats import dhcpv6, icmp, icmpv6
from emu.network.formats.addresses import is_group, mac_text, parse_ip
from emu.network.formats.dhcpv6 import Dhcpv6, Option
from emu.network.formats.errors import check
from emu.network.formats.ethernet import Ethernet, EtherType
from emu.network.formats.icmp import Icmp
from emu.network.formats.icmpv6 import Icmpv6, RouterAdvertisement, neighbour_advertisement
from emu.network.formats.ipv4 import Ipv4, Protocol
from emu.network.formats.ipv6 import Ipv6, NextHeader, ipv6_text, parse_ipv6
from emu.network.formats.udp import Udp
from emu.network.internet.hosts import GATEWAY

LINK_LOCAL: Final = parse_ipv6("fe80::5054:ff:fe12:3502")
"""The router's own address, made of its MAC address."""
PREFIX: Final = parse_ipv6("2001:db8:0:2::")
"""Of devices: a prefix for documentation (RFC 3849), so nobody has one of them in earnest."""
ROUTER: Final = PREFIX[:15] + b"\2"
_NAT64: Final = parse_ipv6("64:ff9b::")[:12]
_FIRST_DEVICE: Final = int.from_bytes(parse_ip("100.64.0.1"), "big")
_ALL_NODES: Final = parse_ipv6("ff02::1")
_ALL_DHCPV6_SERVERS: Final = parse_ipv6("ff02::1:2")
_LIFETIME_S: Final = 1800
_ADVERTISEMENT_NS: Final = 600 * SECOND
_MOST_DEVICES: Final = 1024
_PREFIX_BYTES: Final = 8


class Ipv6Router:
    """Hears `receive`, sends by `transmit`, and hands packets for servers to `forward`."""

    def __init__(self, agenda: Agenda, mac: bytes, forward: Callable[[Ipv4], None]) -> None:
        self.transmit: Callable[[Ethernet], None] = lambda frame: None
        self.say: Callable[[str], None] = lambda text: None
        self.devices: dict[bytes, bytes] = {}
        """MAC addresses by IPv6 addresses, as they were seen."""
        self._mac = mac
        self._forward = forward
        self._seen_as: dict[bytes, bytes] = {}
        """IPv4 addresses for servers to see, by IPv6 addresses."""
        self._is_advertising = False
        self._at_advertisement = agenda.handler("router.advertisement", self._advertise)

    # ---- from devices ------------------------------------------------------------------------------

    def receive(self, frame: Ethernet) -> None:
        """Take a frame of a device; FormatError for a damaged one."""
        packet = Ipv6.parse(frame.payload)
        self._note(packet.source, frame.source)
        if packet.next_header == NextHeader.ICMPV6:
            self._take_message(packet)
        elif packet.next_header == NextHeader.UDP and packet.destination == _ALL_DHCPV6_SERVERS:
            self._take_dhcpv6(packet, Udp.parse(packet))
        elif packet.next_header in (NextHeader.TCP, NextHeader.UDP):
            self._take_for_servers(packet)

    def _note(self, address: bytes, mac: bytes) -> None:
        if not any(address) or is_multicast(address) or len(self.devices) >= _MOST_DEVICES or is_group(mac):
            return
        if address not in self.devices and is_global(address):
            self.say(f"IPv6: {mac_text(mac)} has {ipv6_text(address)}")
        self.devices[address] = mac

    def _take_message(self, packet: Ipv6) -> None:
        message = Icmpv6.parse(packet)
        if message.type == icmpv6.ROUTER_SOLICITATION and packet.hop_limit == icmpv6.DISCOVERY_HOPS:
            self._send(self._advertisement(packet.source if any(packet.source) else _ALL_NODES))
            if not self._is_advertising:
                self._is_advertising = True
                self._at_advertisement(_ADVERTISEMENT_NS)
        elif message.type == icmpv6.NEIGHBOUR_SOLICITATION and packet.hop_limit == icmpv6.DISCOVERY_HOPS:
            if message.target in (LINK_LOCAL, ROUTER) and any(packet.source):
                answer = neighbour_advertisement(message.target, self._mac)
                self._send(answer.packet(message.target, packet.source, icmpv6.DISCOVERY_HOPS))
        elif message.type == icmpv6.ECHO_REQUEST and not is_multicast(packet.destination):
            answer = Icmpv6(icmpv6.ECHO_REPLY, 0, message.rest)
            self._send(answer.packet(packet.destination, packet.source))

    def _take_dhcpv6(self, packet: Ipv6, datagram: Udp) -> None:
        """Tell the DNS server; addresses are not to be had in this way."""
        request = Dhcpv6.parse(datagram.data)
        if (datagram.destination_port, request.type) != (dhcpv6.SERVER_PORT, dhcpv6.INFORMATION_REQUEST):
            return
        told: dict[int, bytes] = {Option.SERVER: dhcpv6.identifier(self._mac), Option.DNS_SERVERS: ROUTER}
        if Option.CLIENT in request.options:
            told[Option.CLIENT] = request.options[Option.CLIENT]
        answer = Dhcpv6(dhcpv6.REPLY, request.transaction, told)
        reply = Udp(dhcpv6.SERVER_PORT, dhcpv6.CLIENT_PORT, answer.build()).build()
        self._send(Ipv6(LINK_LOCAL, packet.source, NextHeader.UDP, reply).with_checksum())

    def _take_for_servers(self, packet: Ipv6) -> None:
        destination = embedded_ipv4(packet.destination)
        if destination is None or is_multicast(packet.source) or not any(packet.source):
            return
        check(packet.is_whole, "a damaged segment or datagram in IPv6")
        source = self._ipv4_of(packet.source)
        translated = Ipv4(source, destination, packet.next_header, packet.payload)
        self._forward(translated.with_checksum())

    def _ipv4_of(self, device: bytes) -> bytes:
        if device not in self._seen_as:
            number = min(len(self._seen_as), _MOST_DEVICES)
            self._seen_as[device] = (_FIRST_DEVICE + number).to_bytes(4, "big")
        return self._seen_as[device]

    # ---- to devices --------------------------------------------------------------------------------

    def takes(self, address: bytes) -> bool:
        """Whether an IPv4 address stands for a device with IPv6."""
        return address in self._seen_as.values()

    def send(self, packet: Ipv4) -> None:
        """Send a packet of a server to a device, translated."""
        device = next(ipv6 for ipv6, ipv4 in self._seen_as.items() if ipv4 == packet.destination)
        source = embedded_ipv6(packet.source)
        if packet.protocol == Protocol.ICMP:
            if (message := self._translated(Icmp.parse(packet.payload))) is not None:
                self._send(message.packet(source, device))
            return
        self._send(Ipv6(source, device, packet.protocol, packet.payload).with_checksum())

    def _translated(self, message: Icmp) -> Icmpv6 | None:
        """That a port cannot be reached, for IPv6; None: it is another message."""
        if (message.type, message.code) != (icmp.UNREACHABLE, icmp.PORT_UNREACHABLE):
            return None
        source, destination, payload = message.rest[16:20], message.rest[20:24], message.rest[24:]
        device = next((ipv6 for ipv6, ipv4 in self._seen_as.items() if ipv4 == source), bytes(16))
        packet = Ipv6(device, embedded_ipv6(destination), NextHeader.UDP, payload).build()
        return Icmpv6(icmpv6.UNREACHABLE, icmpv6.PORT_UNREACHABLE, bytes(4) + packet)

    def _advertise(self) -> None:
        self._at_advertisement(_ADVERTISEMENT_NS)
        self._send(self._advertisement(_ALL_NODES))

    def _advertisement(self, destination: bytes) -> Ipv6:
        message = RouterAdvertisement(self._mac, PREFIX, ROUTER, _LIFETIME_S).message()
        return message.packet(LINK_LOCAL, destination, icmpv6.DISCOVERY_HOPS)

    def _send(self, packet: Ipv6) -> None:
        """Send a packet to the device that has its destination, or to all; lost if no device has."""
        to = packet.destination
        mac = b"\x33\x33" + to[12:] if is_multicast(to) else self.devices.get(to)
        if mac is not None:
            self.transmit(Ethernet(mac, self._mac, EtherType.IPV6, packet.build()))

    # ---- snapshots ---------------------------------------------------------------------------------

    def save(self) -> dict[str, Any]:
        """Take a snapshot as plain data."""
        seen = {"devices": dict(self.devices), "seen_as": dict(self._seen_as)}
        return {**seen, "is_advertising": self._is_advertising}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot."""
        self.devices, self._seen_as = dict(snapshot["devices"]), dict(snapshot["seen_as"])
        self._is_advertising = snapshot["is_advertising"]


def is_global(address: bytes) -> bool:
    """Whether a device has made this address of the prefix that the router announces."""
    return address.startswith(PREFIX[:_PREFIX_BYTES])


def is_multicast(address: bytes) -> bool:
    """Whether an IPv6 address is one of a group."""
    return address[0] == 0xFF


def embedded_ipv6(address: bytes) -> bytes:
    """Where IPv6 finds an IPv4 address."""
    return ROUTER if address == GATEWAY else _NAT64 + address


def embedded_ipv4(address: bytes) -> bytes | None:
    """The IPv4 address that an IPv6 address stands for; None: for none."""
    if address in (ROUTER, LINK_LOCAL):
        return GATEWAY
    return address[12:] if address.startswith(_NAT64) else None
