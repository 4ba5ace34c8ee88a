"""A station of the world that joins an access point: here one of the world's own, with its router behind it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from support.clock import FakeClock

from emu.network import AccessPoint, Network
from emu.network.agenda import Agenda
from emu.network.formats import icmp
from emu.network.formats.addresses import ip_text
from emu.network.formats.dot11 import Kind
from emu.network.formats.icmp import Icmp
from emu.network.formats.ipv4 import Ipv4, Protocol
from emu.network.internet.router import Router
from emu.network.wireless.bss import Bss
from emu.network.wireless.visitor import JOINED, LOOKING, Visitor

SECOND = 1_000_000_000


@dataclass
class Air:
    """An access point with its router, and a visitor that hears it."""

    ap: AccessPoint
    password: str | None
    ssid: str = "lobby"
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = FakeClock()
        agenda = Agenda(self.clock)
        self.router = Router(agenda)
        self.bss = Bss(self.ap, 0, agenda, lambda _, frame: self.visitor.hear(frame))
        self.visitor = Visitor(self.ssid, self.password, 0, agenda, lambda frame: self.bss.hear(frame))
        self.visitor.say = self.told.append
        self.bss.on_ethernet = lambda _, frame: self.router.receive(frame)
        self.router.transmit = self.bss.send

    def run(self, duration_s: float) -> None:
        self.clock.advance(int(duration_s * SECOND))


@pytest.mark.parametrize("password", [None, "correct horse"], ids=["open", "WPA2"])
@pytest.mark.parametrize("is_hidden", [False, True], ids=["seen", "hidden"])
def test_it_joins_and_gets_an_address(password: str | None, is_hidden: bool) -> None:
    air = Air(AccessPoint("lobby", password, is_hidden=is_hidden), password)
    air.run(2)
    assert ip_text(air.visitor.state.address) == "10.0.2.15"
    assert ip_text(air.visitor.state.gateway) == "10.0.2.2"
    assert air.told[0] == "a station has joined lobby of the device"


def test_packets_go_both_ways() -> None:
    air = Air(AccessPoint("lobby", "correct horse"), "correct horse")
    air.run(2)
    came: list[Ipv4] = []
    air.visitor.on_packet = came.append
    ping = Ipv4(
        air.visitor.state.address, bytes((10, 0, 2, 2)), Protocol.ICMP, bytes.fromhex("0800f7ff00000000")
    )
    air.visitor.send_packet(ping)
    air.run(1)
    assert [(packet.source, packet.payload[0]) for packet in came] == [(bytes((10, 0, 2, 2)), 0)]


def test_it_answers_pings_of_the_device() -> None:
    air = Air(AccessPoint("lobby", "correct horse"), "correct horse")
    air.run(2)
    came: list[bytes] = []
    air.bss.on_ethernet = lambda _, frame: came.append(frame.payload)
    ping = Icmp(icmp.ECHO_REQUEST, 0, b"12345678").build()
    there = air.visitor.state.address
    air.router.send(Ipv4(bytes((10, 0, 2, 2)), there, Protocol.ICMP, ping))
    air.run(1)
    [answer] = map(Ipv4.parse, came)
    assert (answer.source, Icmp.parse(answer.payload)) == (there, Icmp(icmp.ECHO_REPLY, 0, b"12345678"))


@pytest.mark.parametrize(
    ("ap", "password"),
    [
        (AccessPoint("lobby", "correct horse"), "wrong horse"),
        (AccessPoint("lobby", "correct horse"), None),
        (AccessPoint("attic"), None),
    ],
    ids=["wrong-password", "no-password", "other-name"],
)
def test_it_does_not_get_in_and_goes_on_trying(ap: AccessPoint, password: str | None) -> None:
    air = Air(ap, password)
    air.run(20)
    assert not air.visitor.has_address
    assert not any(station.is_open for station in air.bss.stations.values())


def test_thrown_out_it_joins_again() -> None:
    air = Air(AccessPoint("lobby"), None)
    air.run(2)
    air.bss.deauthenticate()
    air.run(0.001)
    assert (air.visitor.state.phase, air.visitor.has_address) == (LOOKING, False)
    air.run(2)
    assert air.visitor.state.phase == JOINED
    assert air.visitor.has_address


def test_a_snapshot_holds_where_it_is() -> None:
    air = Air(AccessPoint("lobby", "correct horse"), "correct horse")
    air.run(2)
    saved = air.visitor.save()
    air.visitor.hear(bytes((Kind.DEAUTHENTICATION, 0, 0, 0)) + air.visitor.mac + air.bss.bssid * 2 + bytes(4))
    assert not air.visitor.has_address
    air.visitor.restore(saved)
    assert air.visitor.save() == saved


def test_a_network_of_stations_as_plain_data() -> None:
    network = Network()
    network.add_station("SoftAP", "12345678")
    assert Network.of(network.plain()).visitors == [("SoftAP", "12345678")]
    with pytest.raises(ValueError, match="8 to 63"):
        network.add_station("SoftAP", "short")
