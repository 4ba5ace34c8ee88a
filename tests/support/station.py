"""A station of the tests' own: it joins a World as firmware does, and speaks to what is behind it."""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass, field, replace

from Crypto.Cipher import AES

from emu.network.formats import dhcp, dot11, eapol
from emu.network.formats.addresses import BROADCAST
from emu.network.formats.arp import REQUEST, Arp
from emu.network.formats.dhcp import Dhcp, MessageType, Option
from emu.network.formats.dot11 import Authentication, Frame, Kind
from emu.network.formats.eapol import KeyFrame
from emu.network.formats.ethernet import Ethernet, EtherType
from emu.network.formats.ipv4 import Ipv4, Protocol
from emu.network.formats.rsn import BIP, CAN_PROTECT, SAE, Rsn
from emu.network.formats.tcp import ACK, FIN, PSH, SYN, Segment
from emu.network.formats.udp import Udp
from emu.network.network import Network
from emu.network.wireless.key_derivation import kdf_sha256
from emu.network.wireless.sae import Commit, Exchange, Side
from emu.network.world import World
from peripherals.crypto import ccmp
from support.clock import FakeClock

MAC = bytes.fromhex("028000000001")
RSN = bytes.fromhex("30140100000fac040100000fac040100000fac020000")
RSN3 = bytes((48, 26)) + Rsn((SAE,), CAN_PROTECT, group_management=BIP).build()
GATEWAY = bytes((10, 0, 2, 2))
MS = 1_000_000


@dataclass
class FakeRadio:
    """Hears what is on its channel while it is on."""

    frequency_mhz: float = 2437.0
    is_on: bool = True
    heard: list[bytes] = field(default_factory=list)

    def receive(self, frame: bytes, signal_dbm: int) -> bool:
        if self.is_on:
            self.heard.append(frame)
        return self.is_on


class FakeStation:
    """Joins a network, and has the frames that come in: `frames` on the air, `packets` of IP."""

    def __init__(self, network: Network) -> None:
        self.clock = FakeClock()
        self.radio = FakeRadio()
        self.world = World(network, self.clock, self.radio)
        self.bssid = bytes(6)
        self.address = bytes(4)
        self.key = b""
        self.keys = b""
        """Confirmation and encryption."""
        self.protects_management = False
        self._packet_number = 0
        self._taken = 0

    # ---- the air -----------------------------------------------------------------------------------

    def run(self, duration_ms: float) -> None:
        self.clock.advance(int(duration_ms * MS))

    def take(self) -> list[Frame]:
        """What has come since the last call, without beacons."""
        new = self.radio.heard[self._taken :]
        self._taken = len(self.radio.heard)
        return [Frame.parse(each) for each in new if each[0] != Kind.BEACON]

    def management(self, kind: Kind, body: bytes, receiver: bytes | None = None) -> bool:
        to = self.bssid if receiver is None else receiver
        frame = Frame(kind, to, MAC, to, body)
        data = self.protected(frame) if self.protects_management else frame.build()
        return self.world.transmit(data, self.radio.frequency_mhz)

    def protected(self, frame: Frame) -> bytes:
        self._packet_number += 1
        body = ccmp.iv_of(self._packet_number, 0) + frame.body
        return ccmp.protect(self.key, replace(frame, body=body, flags=frame.flags | dot11.PROTECTED).build())

    def probe(self, ssid: bytes = b"") -> list[Frame]:
        self.management(Kind.PROBE_REQUEST, bytes((0, len(ssid))) + ssid, BROADCAST)
        self.run(5)
        return self.take()

    def associate(self, bssid: bytes, rsn: bytes = b"") -> int:
        """Authenticate and associate; the status."""
        self.bssid = bssid
        self.management(Kind.AUTHENTICATION, Authentication(0, 1).build())
        self.run(2)
        assert [Authentication.parse(frame.body) for frame in self.take()] == [Authentication(0, 2)]
        return self.ask_for_association(rsn)

    def ask_for_association(self, rsn: bytes) -> int:
        self.management(Kind.ASSOCIATION_REQUEST, struct.pack("<HH", 0x431, 3) + rsn)
        self.run(1)
        [answer] = self.take()
        return int.from_bytes(answer.body[2:4], "little")

    def prove(self, password: str) -> Exchange | None:
        """Be authenticated by SAE; None: it has failed."""
        side = Side(password, (MAC, self.bssid), hashlib.sha512(b"station").digest())
        self.management(Kind.AUTHENTICATION, Authentication(3, 1, 0, side.commit.build()).build())
        self.run(2)
        [theirs] = [Authentication.parse(frame.body) for frame in self.take()]
        assert (theirs.algorithm, theirs.step, theirs.status) == (3, 1, 0)
        exchange = side.exchange(Commit.parse(theirs.rest))
        assert exchange is not None
        self.management(Kind.AUTHENTICATION, Authentication(3, 2, 0, exchange.confirm()).build())
        self.run(2)
        [theirs] = [Authentication.parse(frame.body) for frame in self.take()]
        return exchange if theirs.status == 0 and exchange.is_confirmed_by(theirs.rest) else None

    def shake_hands(self, ssid: str, password: str) -> None:
        """Be the supplicant of WPA2 until the keys are there, or nobody asks any more."""
        master = hashlib.pbkdf2_hmac("sha1", password.encode(), ssid.encode(), 4096, 32)
        self._shake_hands(master, RSN, eapol.VERSION_AES)

    def shake_hands_of_sae(self, exchange: Exchange) -> None:
        """Be the supplicant of WPA3."""
        self._shake_hands(exchange.master_key, RSN3, eapol.VERSION_OF_SUITE)
        self.protects_management = True

    def _shake_hands(self, master: bytes, element: bytes, version: int) -> None:
        ours = bytes(range(32))
        for _ in range(2):
            self.run(10)
            for frame in self.take():
                packet = Ethernet.from_air(MAC, self.bssid, frame.body).payload
                asked = KeyFrame.parse(packet)
                ends = b"".join(sorted((self.bssid, MAC)))
                nonces = b"".join(sorted((asked.nonce, ours)))
                label = b"Pairwise key expansion"
                if version == eapol.VERSION_AES:
                    parts = (
                        hmac.digest(master, label + b"\0" + ends + nonces + bytes((n,)), "sha1")
                        for n in range(3)
                    )
                    self.keys = keys = b"".join(parts)
                else:
                    self.keys = keys = kdf_sha256(master, label, ends + nonces, 48)
                answer = KeyFrame(eapol.PAIRWISE, asked.replay_counter, ours, element, version=version)
                if asked.info & eapol.INSTALL:
                    assert eapol.is_signed(packet, keys[:16])
                    assert element[2:14] in AES.new(keys[16:32], AES.MODE_KW).unseal(asked.data)
                    answer = KeyFrame(eapol.PAIRWISE | eapol.SECURE, asked.replay_counter, version=version)
                    self.key = keys[32:48]
                key, self.key = self.key, b""  # the last message still goes in the clear
                self.send_ethernet(EtherType.EAPOL, answer.signed(keys[:16]).build())
                self.key = key

    def join(self, number: int = 0) -> None:
        """Join the access point of that number, and get an address."""
        bss = self.world.cells[number]
        password = bss.ap.password
        self.radio.frequency_mhz = 2407.0 + 5 * bss.ap.channel
        if password is not None and bss.ap.security == "WPA3":
            self.bssid = bss.bssid
            exchange = self.prove(password)
            assert exchange is not None
            assert self.ask_for_association(RSN3) == 0
            self.shake_hands_of_sae(exchange)
        else:
            assert self.associate(bss.bssid, RSN if password else b"") == 0
            if password is not None:
                self.shake_hands(bss.ap.ssid, password)
        self.get_address()

    def null(self, *, is_dozing: bool) -> None:
        flags = dot11.TO_DS | (dot11.POWER_SAVE if is_dozing else 0)
        frame = Frame(Kind.NULL, self.bssid, MAC, self.bssid, flags=flags)
        self.world.transmit(frame.build(), self.radio.frequency_mhz)

    # ---- what is above -----------------------------------------------------------------------------

    def send_ethernet(self, kind: int, payload: bytes, destination: bytes | None = None) -> None:
        to = self.bssid if destination is None else destination
        ethernet = Ethernet(to, MAC, kind, payload)
        frame = Frame(Kind.DATA, self.bssid, MAC, to, ethernet.for_air, dot11.TO_DS)
        data = self.protected(frame) if self.key else frame.build()
        self.world.transmit(data, self.radio.frequency_mhz)

    def send(self, packet: Ipv4) -> None:
        self.send_ethernet(EtherType.IPV4, packet.build(), b"\x52\x54\x00\x12\x35\x02")

    def packets(self, duration_ms: float = 10) -> list[Ipv4]:
        """Let time pass; the packets that have come for us."""
        self.run(duration_ms)
        found = []
        for frame in self.take():
            if frame.kind not in (Kind.DATA, Kind.QOS_DATA) or (frame.receiver[0] & 1 and self.key):
                continue
            body = frame.body
            if frame.flags & dot11.PROTECTED:
                whole = ccmp.unprotect(self.key, frame.build())
                assert whole is not None
                body = whole[24 + 8 :]
            ethernet = Ethernet.from_air(frame.receiver, frame.third, body)
            if ethernet.type == EtherType.IPV4:
                found.append(Ipv4.parse(ethernet.payload))
        return found

    def get_address(self) -> None:
        for kind in (MessageType.DISCOVER, MessageType.REQUEST):
            message = Dhcp(1, b"\1\2\3\4", MAC, kind, {Option.HOST_NAME: b"fake"})
            datagram = Udp(dhcp.CLIENT_PORT, dhcp.SERVER_PORT, message.build())
            self.send(datagram.packet(bytes(4), b"\xff" * 4))
            [packet] = self.packets()
            self.address = Dhcp.parse(Udp.parse(packet).data).yours

    def who_has(self, address: bytes) -> None:
        self.send_ethernet(
            EtherType.ARP, Arp(REQUEST, MAC, self.address, bytes(6), address).build(), BROADCAST
        )

    def exchange(self, port: int, data: bytes, to: bytes = GATEWAY) -> list[bytes]:
        """Send a datagram; what comes back."""
        self.send(Udp(4000, port, data).packet(self.address, to))
        answers = self.packets()
        return [Udp.parse(each).data for each in answers if each.protocol == Protocol.UDP]


class FakeTcp:
    """A TCP client of the station, with nothing that is not needed: it acknowledges what comes in order."""

    def __init__(self, station: FakeStation, peer: bytes, port: int, window: int = 4000) -> None:
        self.station, self.peer, self.port, self.window = station, peer, port, window
        self.sent, self.expected = 1000, 0
        self.data = b""
        self.flags = 0
        """All that have come."""
        self.send(SYN)
        self.sent += 1

    def send(self, flags: int, data: bytes = b"", local_port: int = 5000) -> None:
        size = 1460 if flags & SYN else None
        segment = Segment(local_port, self.port, self.sent, self.expected, flags, self.window, data, size)
        self.station.send(segment.packet(self.station.address, self.peer))

    def write(self, data: bytes) -> None:
        self.send(ACK | PSH, data)
        self.sent += len(data)

    def close(self) -> None:
        self.send(ACK | FIN)
        self.sent += 1

    def run(self, duration_ms: float = 10, steps: int = 1) -> None:
        """Take what comes, and acknowledge it."""
        for _ in range(steps):
            for packet in self.station.packets(duration_ms):
                if packet.protocol != Protocol.TCP:
                    continue
                segment = Segment.parse(packet)
                self.flags |= segment.flags
                if segment.flags & SYN:
                    self.expected = segment.sequence + 1
                elif segment.sequence == self.expected:
                    self.data += segment.data
                    self.expected += segment.length
                if segment.length:
                    self.send(ACK)
