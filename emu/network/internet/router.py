"""The router behind the access points: ARP, DHCP, DNS, ping, and the way to UDP and TCP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from emu.network.agenda import Agenda
from emu.network.formats import arp, dhcp, dns, icmp
from emu.network.formats.addresses import BROADCAST as ALL_STATIONS
from emu.network.formats.addresses import ip_text, is_group, mac_text
from emu.network.formats.arp import Arp
from emu.network.formats.dhcp import Dhcp, MessageType, Option
from emu.network.formats.ethernet import Ethernet, EtherType
from emu.network.formats.icmp import Icmp
from emu.network.formats.ipv4 import Ipv4, Protocol
from emu.network.formats.udp import Udp
from emu.network.internet.hosts import BROADCAST, EVERYBODY, GATEWAY, NETMASK, Hosts
from emu.network.internet.ipv6_router import Ipv6Router, embedded_ipv6
from emu.network.internet.tcp import Tcp

MAC: Final = bytes.fromhex("525400123502")
_LEASE_S: Final = 86_400
_LEASE: Final[dict[int, bytes]] = {
    Option.SERVER: GATEWAY,
    Option.LEASE_TIME: _LEASE_S.to_bytes(4, "big"),
    Option.SUBNET_MASK: NETMASK,
    Option.ROUTER: GATEWAY,
    Option.DNS_SERVER: GATEWAY,
}
_REFUSAL: Final[dict[int, bytes]] = {Option.SERVER: GATEWAY}
_DHCP_ANSWERS: Final = {MessageType.DISCOVER: MessageType.OFFER, MessageType.REQUEST: MessageType.ACK}


class Router:
    """Answers as a home router does, and leads to servers: it hears `receive`, and sends by `transmit`."""

    def __init__(self, agenda: Agenda) -> None:
        self.hosts = Hosts()
        self.tcp = Tcp(agenda, self.send)
        self.ipv6 = Ipv6Router(agenda, MAC, self._take_packet)
        self.transmit: Callable[[Ethernet], None] = lambda frame: None
        self.say: Callable[[str], None] = lambda text: None
        self.on_udp: Callable[[Ipv4, Udp], bool] = lambda packet, datagram: False
        """Takes datagrams for servers; False: nobody is there."""
        self.way_from: Callable[[bytes], Callable[[Ipv4], None] | None] = lambda address: None
        """Another way than through the access points for packets from an address."""
        self._devices: dict[bytes, bytes] = {}
        """MAC addresses by IP addresses, as they were seen."""
        self._identification = 0

    # ---- from devices ------------------------------------------------------------------------------

    def receive(self, frame: Ethernet) -> None:
        """Take a frame of a device; FormatError for a damaged one."""
        if frame.type == EtherType.ARP:
            self._take_arp(Arp.parse(frame.payload))
        elif frame.type == EtherType.IPV4:
            packet = Ipv4.parse(frame.payload)
            if any(packet.source):
                self._devices[packet.source] = frame.source
            self._take_packet(packet)
        elif frame.type == EtherType.IPV6:
            self.ipv6.receive(frame)

    def _take_arp(self, request: Arp) -> None:
        is_probe = not any(request.sender_ip) or request.sender_ip == request.target_ip
        if any(request.sender_ip):
            self._devices[request.sender_ip] = request.sender_mac
        is_of_device = request.target_ip in self.hosts.leases.values()
        if request.operation == arp.REQUEST and not is_probe and not is_of_device:
            ends = request.target_ip, request.sender_mac, request.sender_ip
            answer = Arp(arp.REPLY, MAC, *ends)
            self.transmit(Ethernet(request.sender_mac, MAC, EtherType.ARP, answer.build()))

    def _take_packet(self, packet: Ipv4) -> None:
        if packet.protocol == Protocol.TCP:
            self.tcp.receive(packet)
        elif packet.protocol == Protocol.UDP:
            self._take_datagram(packet, Udp.parse(packet))
        elif packet.protocol == Protocol.ICMP:
            reply = icmp.reply_to(packet)
            if reply is not None and not _is_for_many(packet.destination):
                self.send(reply)

    def _take_datagram(self, packet: Ipv4, datagram: Udp) -> None:
        if datagram.destination_port == dhcp.SERVER_PORT:
            self._take_dhcp(Dhcp.parse(datagram.data))
        elif datagram.destination_port == dns.PORT:  # whichever server the firmware has chosen
            self._take_query(packet, datagram)
        elif not self.on_udp(packet, datagram) and not _is_for_many(packet.destination):
            rest = bytes(4) + packet.build()[:28]
            message = Icmp(icmp.UNREACHABLE, icmp.PORT_UNREACHABLE, rest).build()
            self.send(Ipv4(packet.destination, packet.source, Protocol.ICMP, message))

    def _take_query(self, packet: Ipv4, datagram: Udp) -> None:
        question = dns.Question.parse(datagram.data)
        status, address = self.hosts.resolve(question.name)
        shown = "no answer" if status is None else ip_text(address) if address else status.name
        self.say(f"DNS: {question.name}: {shown}")
        if status is not None:
            answer = question.answer(status, _of_kind(question.type, address))
            self.send_datagram(Udp(dns.PORT, datagram.source_port, answer), packet.destination, packet.source)

    def _take_dhcp(self, request: Dhcp) -> None:
        mac = request.hardware_address
        kind = _DHCP_ANSWERS.get(MessageType(request.type)) if request.type in range(1, 9) else None
        address = None if kind is None or is_group(mac) else self.hosts.lease(mac)
        if kind is None or address is None:
            return
        wanted = request.options.get(Option.REQUESTED_ADDRESS, request.client)
        is_refused = kind is MessageType.ACK and any(wanted) and wanted != address
        lease = _LEASE
        if is_refused:
            kind, lease = MessageType.NAK, _REFUSAL
        ends = {"yours": bytes(4) if is_refused else address, "server": GATEWAY}
        answer = Dhcp(2, request.transaction, mac, kind, lease, **ends)
        datagram = Udp(dhcp.SERVER_PORT, dhcp.CLIENT_PORT, answer.build())
        packet = datagram.packet(GATEWAY, EVERYBODY)
        self.transmit(Ethernet(mac, MAC, EtherType.IPV4, packet.build()))
        if kind is MessageType.ACK:
            self._devices[address] = mac
            self.say(f"DHCP: {mac_text(mac)} has {ip_text(address)}")

    # ---- to devices --------------------------------------------------------------------------------

    def send(self, packet: Ipv4) -> None:
        """Send a packet to the device that has its destination, or to all; lost if no device has."""
        self._identification = self._identification + 1 & 0xFFFF
        numbered = Ipv4(*_ends(packet), packet.protocol, packet.payload, self._identification)
        if (way := self.way_from(packet.source)) is not None:
            way(numbered)
            return
        if self.ipv6.takes(packet.destination):
            self.ipv6.send(numbered)
            return
        mac = ALL_STATIONS if _is_for_many(packet.destination) else self._devices.get(packet.destination)
        if mac is not None:
            self.transmit(Ethernet(mac, MAC, EtherType.IPV4, numbered.build()))

    def send_datagram(self, datagram: Udp, source: bytes, destination: bytes) -> None:
        """Send a datagram from one address to another."""
        self.send(datagram.packet(source, destination))

    # ---- snapshots ---------------------------------------------------------------------------------

    def save(self) -> dict[str, Any]:
        """Take a snapshot as plain data."""
        own = {"devices": dict(self._devices), "identification": self._identification}
        parts = {"tcp": self.tcp.save(), "ipv6": self.ipv6.save()}
        return {**own, "hosts": self.hosts.save(), **parts}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot."""
        self._devices, self._identification = dict(snapshot["devices"]), snapshot["identification"]
        self.hosts.restore(snapshot["hosts"])
        self.tcp.restore(snapshot["tcp"])
        self.ipv6.restore(snapshot["ipv6"])


def _of_kind(kind: int, address: bytes | None) -> bytes | None:
    """An address as a question of that kind wants it."""
    if address is not None and kind == dns.AAAA:
        return embedded_ipv6(address)
    return address if kind == dns.A else None


def _ends(packet: Ipv4) -> tuple[bytes, bytes]:
    return packet.source, packet.destination


def _is_for_many(address: bytes) -> bool:
    return address in (EVERYBODY, BROADCAST) or address[0] >= 224
