"""`Wifi`: the networks around a machine while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from emu.clock import VirtualClock
from emu.network.actions import Actions, Answer
from emu.network.errors import NetworkError
from emu.network.formats.addresses import ip_text, mac_text
from emu.network.formats.ipv6 import ipv6_text
from emu.network.internet.connection import Key
from emu.network.internet.hosts import GATEWAY
from emu.network.internet.http import HttpRequest
from emu.network.internet.ipv6_router import is_global
from emu.network.internet.mqtt import MqttMessage
from emu.network.internet.outside import TCP, UDP
from emu.network.wireless.bss import Bss
from emu.network.world import World
from peripherals.framework.observers import Observers

_OF_ACCESS_POINTS: Final = ("switch", "deauthenticate", "renew_group_key", "set_signal")
"""Actions whose first argument is the name of one, or None."""
_ETHERNET_BYTES: Final = 14


class Wifi(Actions):
    """What `Network` can do, now: each action is an input of a recording.

    From a call-back while the machine runs it takes effect at the next check point.
    """

    def __init__(self, world: World, clock: VirtualClock, door: Callable[..., None]) -> None:
        """`door` lets an action in: its name and plain data."""
        self.frames = Observers[[bytes, int, int | None]]()
        """Told of each 802.11 frame on the air that somebody hears: without FCS, its channel, and its signal
        in dBm; None: it is the device's own."""
        self.packets = Observers[[bytes, bool]]()
        """Told of each Ethernet frame between access points and router, and whether a device has sent it."""
        self.events = Observers[[int, str]]()
        """Told, with the virtual time, in a line what happens: who joins, who gets which address."""
        self.outside = Observers[[str, Key, bytes]]()
        """Told of what concerns servers that are not in the virtual world: see `Outside`."""
        self._world = world
        self._door = door
        self._answers = world.answers
        world.on_frame, world.wire.observe, world.outside.tell = self.frames, self.packets, self.outside
        world.on_event = lambda text: self.events(clock.now_ns, text)
        self.outside.append(self._answer)

    @property
    def observers(self) -> tuple[Any, ...]:
        """All who are told."""
        return self.frames, self.packets, self.events, self.outside

    @property
    def networks(self) -> list[str]:
        """The names of the access points."""
        return [bss.ap.ssid for bss in self._world.cells]

    @property
    def http_requests(self) -> list[HttpRequest]:
        """What the device has asked the virtual web servers for, so far."""
        return list(self._world.http.requests)

    @property
    def mqtt_messages(self) -> list[MqttMessage]:
        """What devices have published at the virtual broker, so far, their wills included."""
        return list(self._world.mqtt.messages)

    @property
    def addresses(self) -> dict[str, str]:
        """IP addresses of devices by their MAC addresses, as the router has given them."""
        leases = self._world.router.hosts.leases
        return {mac_text(mac): ip_text(address) for mac, address in leases.items()}

    @property
    def ipv6_addresses(self) -> dict[str, list[str]]:
        """Global IPv6 addresses of devices by their MAC addresses, as the router has seen them."""
        found: dict[str, list[str]] = {}
        for address, mac in self._world.router.ipv6.devices.items():
            if is_global(address):
                found.setdefault(mac_text(mac), []).append(ipv6_text(address))
        return found

    @property
    def peers(self) -> list[tuple[bytes, bytes]]:
        """Addresses of the device, and beside each one of who can connect to it: the router, or a station."""
        world = self._world
        as_station = [(address, GATEWAY) for address in world.router.hosts.leases.values()]
        visited = [(each.state.gateway, each.state.address) for each in world.visitors if each.has_address]
        return as_station + visited

    @property
    def visitors(self) -> dict[str, str]:
        """IP addresses that stations have got from the device, by the names of its networks."""
        return {each.ssid: ip_text(each.state.address) for each in self._world.visitors if each.has_address}

    @property
    def joined(self) -> dict[str, str]:
        """The names of the networks that devices are in now, by their MAC addresses."""
        return {mac: bss.ap.ssid for mac, bss in self._members}

    @property
    def bssids(self) -> dict[str, str]:
        """The BSSIDs of the access points that devices are with now, by their MAC addresses."""
        return {mac: mac_text(bss.bssid) for mac, bss in self._members}

    @property
    def _members(self) -> Iterator[tuple[str, Bss]]:
        for bss in self._world.cells:
            for station in bss.stations.values():
                if station.is_open:
                    yield mac_text(station.address), bss

    def check_network(self, ssid: str | None) -> None:
        """NetworkError if no access point has that name or BSSID."""
        self._world.named(ssid)

    def address_of(self, host: str) -> bytes:
        """The address of a host in the virtual network, by name or address."""
        return self._world.address_of(host)

    def waiting_bytes(self, key: Key) -> int:
        """How much of what was sent on a connection the device has not taken yet."""
        connection = self._world.router.tcp.connections.get(key)
        return 0 if connection is None else connection.waiting_bytes

    def inject_frame(self, frame: bytes, *, is_sealed: bool = False) -> None:
        """Have the device hear an 802.11 frame, without FCS, whatever channel it listens on.

        `is_sealed`: a message of a handshake (EAPOL) is signed, and its key data are ciphered, by its access
        point, if that has keys with the device by then.
        """
        self._door("inject_frame", bytes(frame), is_sealed)

    def opened(self, frame: bytes) -> bytes:
        """A message of a handshake with its key data in the clear; any other frame as it is."""
        return self._world.opened(frame)

    def inject_packet(self, packet: bytes) -> None:
        """Have access points send an Ethernet frame to who it is for, ciphered as others are."""
        if len(packet) < _ETHERNET_BYTES:
            raise NetworkError(f"packet: {len(packet)} bytes are less than an Ethernet header")
        self._door("inject_packet", bytes(packet))

    def act(self, name: str, *arguments: Any) -> None:
        """Let an action in, such as what a server outside sends: see `World.act`."""
        self._door(name, *arguments)

    def _act(self, name: str, *arguments: Any) -> None:
        if name in _OF_ACCESS_POINTS:
            self.check_network(arguments[0])  # now, not at the next check point
        self._door(name, *arguments)

    def _answer_by(self, protocol: str, host: str, port: int, answer: Answer) -> None:
        self._answers[protocol, host, port] = answer

    def _answer(self, event: str, key: Key, data: bytes) -> None:
        """Ask the function behind a port, and send what it says."""
        protocol, action = {"data": (TCP, "send"), "datagram": (UDP, "send_datagram")}.get(event, ("", ""))
        answer = self._answer_at(protocol or TCP, key[2], key[3])
        if answer is not None and event == "ended":
            self.act("close", key)
        elif answer is not None and action and (said := answer(data)):
            self.act(action, key, bytes(said))

    def _answer_at(self, protocol: str, address: bytes, port: int) -> Answer | None:
        for (kind, host, number), answer in self._answers.items():
            if (kind, number) == (protocol, port) and self._world.address_of(host) == address:
                return answer
        return None
