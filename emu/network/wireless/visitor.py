"""`Visitor`: a station of the world, such as a phone, that joins the soft AP of the device."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final

from emu.network.agenda import MS, US, Agenda
from emu.network.formats import arp, dhcp, dot11, eapol, icmp
from emu.network.formats.addresses import BROADCAST, ip_text, is_group
from emu.network.formats.arp import Arp
from emu.network.formats.dhcp import Dhcp, MessageType, Option
from emu.network.formats.dot11 import Authentication, Element, Frame, Kind
from emu.network.formats.eapol import KeyFrame
from emu.network.formats.ethernet import Ethernet, EtherType
from emu.network.formats.ipv4 import Ipv4, Protocol
from emu.network.formats.rsn import PSK, Rsn
from emu.network.formats.udp import Udp
from emu.network.internet.hosts import EVERYBODY
from emu.network.wireless.key_data import group_key_in
from emu.network.wireless.key_derivation import master_key, pairwise_keys
from peripherals.crypto import ccmp

_TICK_NS: Final = 200 * MS
_ANSWER_NS: Final = 400 * US
_RETRY_NS: Final = 1 * MS
_TRIES: Final = 30
_PATIENCE_TICKS: Final = 15
_FIRST_MAC: Final = 0x0226_0000_0001
_RATES: Final = bytes.fromhex("82848b960c121824")
_RSN: Final = Rsn((PSK,)).build()
_NO_ADDRESS: Final = bytes(4)
LOOKING, AUTHENTICATING, ASSOCIATING, SHAKING_HANDS, JOINED = range(5)


@dataclass(slots=True)
class VisitorState:
    """How far it is; plain data."""

    phase: int = LOOKING
    ticks: int = 0
    """How often it has waited in this phase."""
    bssid: bytes = bytes(6)
    sequence: int = 0
    keys: bytes = b""
    group_key: bytes = b""
    packet_number: int = 0
    heard_packet_number: int = 0
    address: bytes = _NO_ADDRESS
    gateway: bytes = _NO_ADDRESS
    """The device's."""


class Visitor:
    """Joins the network of that name as soon as it is there, and gets an address from the device.

    `transmit` puts a frame on the air, and tells whether the device heard it; `on_packet` gets IP packets.
    """

    def __init__(
        self, ssid: str, password: str | None, number: int, agenda: Agenda, transmit: Callable[[bytes], bool]
    ) -> None:
        self.ssid = ssid
        self.mac = (_FIRST_MAC + number).to_bytes(6, "big")
        self.on_packet: Callable[[Ipv4], None] = lambda packet: None
        self.say: Callable[[str], None] = lambda text: None
        self.state = VisitorState()
        self._password = password
        self._transmit = transmit
        self._nonce = hashlib.sha256(b"visitor %d" % number).digest()
        self._at_tick = agenda.handler(f"visitor{number}.tick", self._tick)
        self._at_sending = agenda.handler(f"visitor{number}.send", self._send_frame)
        self._at_tick(_TICK_NS)

    @cached_property
    def _master_key(self) -> bytes:
        return master_key(self.ssid.encode(), self._password or "")

    @property
    def has_address(self) -> bool:
        """Whether the device has given it one."""
        return self.state.address != _NO_ADDRESS

    # ---- joining -----------------------------------------------------------------------------------

    def _tick(self) -> None:
        """Ask again for what has not been answered."""
        self._at_tick(_TICK_NS)
        state = self.state
        if state.phase == JOINED:
            if not self.has_address:
                self._ask_for_address()
            return
        state.ticks += 1
        if state.ticks > _PATIENCE_TICKS:
            self._begin(LOOKING)
        if state.phase == LOOKING:
            ssid = self.ssid.encode()
            elements = dot11.build_elements([(Element.SSID, ssid), (Element.RATES, _RATES)])
            self._send_management(Kind.PROBE_REQUEST, elements, BROADCAST)
        elif state.phase == AUTHENTICATING:
            self._send_management(Kind.AUTHENTICATION, Authentication(0, 1).build())
        elif state.phase == ASSOCIATING:
            self._ask_for_association()

    def _begin(self, phase: int) -> None:
        self.state.phase, self.state.ticks = phase, 0

    def _ask_for_association(self) -> None:
        fixed = bytes((0x31 if self._password else 0x21, 0x04, 10, 0))
        elements = [(Element.SSID, self.ssid.encode()), (Element.RATES, _RATES)]
        if self._password is not None:
            elements.append((Element.RSN, _RSN))
        self._send_management(Kind.ASSOCIATION_REQUEST, fixed + dot11.build_elements(elements))

    def hear(self, data: bytes) -> bool:
        """Take a frame of the device; whether it is acknowledged. FormatError for a damaged one."""
        frame, state = Frame.parse(data), self.state
        is_for_us = frame.receiver == self.mac
        if frame.kind in (Kind.BEACON, Kind.PROBE_RESPONSE):
            self._found(frame)
        elif frame.transmitter != state.bssid or not (is_for_us or is_group(frame.receiver)):
            return False
        elif frame.has_payload:
            if state.phase >= SHAKING_HANDS:
                self._take_data(frame, data)
        else:
            self._take_answer(frame)
        return is_for_us

    def _found(self, frame: Frame) -> None:
        wanted = dot11.parse_elements(frame.body[12:]).get(Element.SSID) == self.ssid.encode()
        if wanted and self.state.phase == LOOKING:
            self.state = VisitorState(bssid=frame.transmitter, sequence=self.state.sequence)
            self._begin(AUTHENTICATING)
            self._send_management(Kind.AUTHENTICATION, Authentication(0, 1).build())

    def _take_answer(self, frame: Frame) -> None:
        """Go on when the device has let it in so far."""
        phase = self.state.phase
        if frame.kind in (Kind.DEAUTHENTICATION, Kind.DISASSOCIATION):
            self.say(f"the device has thrown the station out of {self.ssid}")
            self.state = VisitorState(sequence=self.state.sequence)
        elif frame.kind == Kind.AUTHENTICATION and phase == AUTHENTICATING:
            if Authentication.parse(frame.body).status == 0:
                self._begin(ASSOCIATING)
                self._ask_for_association()
        elif frame.kind == Kind.ASSOCIATION_RESPONSE and phase == ASSOCIATING and frame.body[2:4] == b"\0\0":
            if self._password is None:
                self._joined()
            else:
                self._begin(SHAKING_HANDS)

    def _joined(self) -> None:
        self._begin(JOINED)
        self.say(f"a station has joined {self.ssid} of the device")
        self._ask_for_address()

    def _shake_hands(self, packet: bytes) -> None:
        """Answer a message of the handshake (802.11-2020, 12.7.6)."""
        asked, state = KeyFrame.parse(packet), self.state
        if not asked.info & eapol.PAIRWISE or not asked.info & eapol.ACK:
            return
        keys = pairwise_keys(self._master_key, (state.bssid, self.mac), (asked.nonce, self._nonce))
        if not asked.info & eapol.MIC:
            own = dot11.build_elements([(Element.RSN, _RSN)])
            answer = KeyFrame(eapol.PAIRWISE, asked.replay_counter, self._nonce, own)
        elif eapol.is_signed(packet, keys[:16]):
            answer = KeyFrame(eapol.PAIRWISE | eapol.SECURE, asked.replay_counter)
        else:
            self.say(f"the device does not know the password of {self.ssid}")
            return
        self.send(Ethernet(state.bssid, self.mac, EtherType.EAPOL, answer.signed(keys[:16]).build()))
        if asked.info & eapol.MIC and state.phase == SHAKING_HANDS:
            state.keys, (_, state.group_key) = keys, group_key_in(keys, asked.data)
            self._joined()

    # ---- data --------------------------------------------------------------------------------------

    def _take_data(self, frame: Frame, data: bytes) -> None:
        body = self._plain(frame, data)
        if body is None:
            return
        ethernet = Ethernet.from_air(frame.receiver, frame.third, body)
        if ethernet.type == EtherType.EAPOL:
            self._shake_hands(ethernet.payload)
        elif ethernet.type == EtherType.ARP:
            self._take_arp(Arp.parse(ethernet.payload))
        elif ethernet.type == EtherType.IPV4:
            packet = Ipv4.parse(ethernet.payload)
            if packet.protocol == Protocol.UDP and Udp.parse(packet).destination_port == dhcp.CLIENT_PORT:
                self._take_lease(Dhcp.parse(Udp.parse(packet).data))
            elif packet.destination == self.state.address:
                self._take_packet(packet)

    def _take_packet(self, packet: Ipv4) -> None:
        if packet.protocol == Protocol.ICMP and (reply := icmp.reply_to(packet)) is not None:
            self.send_packet(reply)
        self.on_packet(packet)

    def _plain(self, frame: Frame, data: bytes) -> bytes | None:
        """What a frame carries; None if it cannot be deciphered, or is an old one."""
        if not frame.flags & dot11.PROTECTED:
            return frame.body
        state, is_for_group = self.state, is_group(frame.receiver)
        key = state.group_key if is_for_group else state.keys[32:48]
        if not key or len(frame.body) < ccmp.IV_BYTES:
            return None
        number, plain = ccmp.packet_number_of(frame.body), ccmp.unprotect(key, data)
        if plain is None or (number <= state.heard_packet_number and not is_for_group):
            return None
        if not is_for_group:
            state.heard_packet_number = number
        return plain[ccmp.header_bytes(plain) + ccmp.IV_BYTES :]

    def _take_arp(self, request: Arp) -> None:
        if request.operation == arp.REQUEST and request.target_ip == self.state.address != _NO_ADDRESS:
            answer = Arp(arp.REPLY, self.mac, self.state.address, request.sender_mac, request.sender_ip)
            self.send(Ethernet(request.sender_mac, self.mac, EtherType.ARP, answer.build()))

    def _ask_for_address(self) -> None:
        self._send_dhcp(MessageType.DISCOVER, {})

    def _take_lease(self, answer: Dhcp) -> None:
        if answer.hardware_address != self.mac or self.has_address:
            return
        server = answer.options.get(Option.SERVER, answer.server)
        if answer.type == MessageType.OFFER:
            wanted = {Option.REQUESTED_ADDRESS: answer.yours, Option.SERVER: server}
            self._send_dhcp(MessageType.REQUEST, {int(option): value for option, value in wanted.items()})
        elif answer.type == MessageType.ACK:
            self.state.address, self.state.gateway = answer.yours, server
            self.say(f"DHCP: the device has given {ip_text(answer.yours)} to the station in {self.ssid}")

    def _send_dhcp(self, kind: MessageType, options: dict[int, bytes]) -> None:
        message = Dhcp(1, self.mac[2:], self.mac, kind, options)
        datagram = Udp(dhcp.CLIENT_PORT, dhcp.SERVER_PORT, message.build())
        packet = datagram.packet(_NO_ADDRESS, EVERYBODY).build()
        self.send(Ethernet(BROADCAST, self.mac, EtherType.IPV4, packet))

    def send_packet(self, packet: Ipv4) -> None:
        """Send a packet to the device."""
        self.send(Ethernet(self.state.bssid, self.mac, EtherType.IPV4, packet.build()))

    def send(self, ethernet: Ethernet) -> None:
        """Send a frame to the device, ciphered when there are keys."""
        state = self.state
        state.sequence += 1
        kind, flags, body = Kind.DATA, dot11.TO_DS, ethernet.for_air
        if state.keys and state.phase == JOINED:
            state.packet_number += 1
            flags |= dot11.PROTECTED
            body = ccmp.iv_of(state.packet_number, 0) + body
        ends = state.bssid, self.mac, ethernet.destination
        frame = Frame(kind, *ends, body, flags, state.sequence).build()
        if flags & dot11.PROTECTED:
            frame = ccmp.protect(state.keys[32:48], frame)
        self._at_sending(_ANSWER_NS, frame, _TRIES)

    def _send_management(self, kind: Kind, body: bytes, receiver: bytes | None = None) -> None:
        self.state.sequence += 1
        to = self.state.bssid if receiver is None else receiver
        self._at_sending(_ANSWER_NS, Frame(kind, to, self.mac, to, body, 0, self.state.sequence).build(), 3)

    def _send_frame(self, frame: bytes, tries: int) -> None:
        if not self._transmit(frame) and tries > 1:
            self._at_sending(_RETRY_NS, frame, tries - 1)

    # ---- snapshots ---------------------------------------------------------------------------------

    def save(self) -> dict[str, Any]:
        """Take a snapshot as plain data."""
        return asdict(self.state)

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot."""
        self.state = VisitorState(**snapshot)
