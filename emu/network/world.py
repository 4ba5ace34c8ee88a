"""`World`: the networks around a machine, at work in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from typing import Protocol as TypingProtocol

from emu.network.access_point import middle_mhz
from emu.network.agenda import Agenda, Clock
from emu.network.errors import NetworkError
from emu.network.formats.addresses import is_group, mac_text, parse_ip
from emu.network.formats.errors import FormatError
from emu.network.formats.ethernet import Ethernet
from emu.network.formats.ipv4 import Ipv4, Protocol
from emu.network.formats.mqtt import Publication
from emu.network.internet import http, mqtt, outside
from emu.network.internet.http import HttpServers
from emu.network.internet.mqtt import MqttBroker
from emu.network.internet.outside import Outside
from emu.network.internet.router import Router
from emu.network.network import Network
from emu.network.wire import Wire
from emu.network.wireless import key_frames
from emu.network.wireless.bss import Bss
from emu.network.wireless.visitor import Visitor

_CHANNEL_WIDTH_MHZ: Final = 7
"""How far a radio may be off a channel and still hear it. GUESS: libraries of 2021 tune 5.9 MHz too high."""


VISITOR_DBM: Final = -45
"""How strong stations are that visit the device."""


class Radio(TypingProtocol):
    """The device's radio."""

    @property
    def frequency_mhz(self) -> float:
        """What it is tuned to."""
        ...

    def receive(self, frame: bytes, signal_dbm: int) -> bool:
        """Hear an 802.11 frame without FCS; False if it was missed."""
        ...


class World:
    """Access points, and a router with servers behind them; it is the `Air` of the device's radio."""

    def __init__(self, network: Network, clock: Clock, radio: Radio) -> None:
        self.on_frame: Callable[[bytes, int, int | None], None] = lambda frame, channel, signal_dbm: None
        """Told of each frame on the air that somebody hears; of the device's own without a signal."""
        self.on_event: Callable[[str], None] = lambda text: None
        """Told in a line what happens."""
        self.answers = dict(network.answers)
        """Functions behind protocol, host and port; whoever is told by `outside` asks them."""
        self.agenda = Agenda(clock)
        self.router = Router(self.agenda)
        self.wire = Wire(self.agenda, self._arrive_above, self._arrive_below)
        self.http = HttpServers(self.router.tcp, self.agenda)
        self.mqtt = MqttBroker(self.router.tcp, self.agenda)
        self.outside = Outside(self.router)
        self.cells = tuple(
            Bss(ap, number, self.agenda, self._reach) for number, ap in enumerate(network.access_points)
        )
        self.visitors = tuple(
            Visitor(ssid, password, number, self.agenda, self._reach_from_visitor)
            for number, (ssid, password) in enumerate(network.visitors)
        )
        for visitor in self.visitors:
            visitor.on_packet, visitor.say = self._from_visitor, self._say
        self.router.way_from = self._way_from
        self._radio = radio
        for bss in self.cells:
            bss.on_ethernet, bss.on_association = self._from_station, self._associated
            bss.say = self._say
        self.mqtt.say = self._say
        for part in (self.router, self.router.ipv6):
            part.say = self._say
            part.transmit = lambda frame: self.wire.send_down(frame.build())
        self.router.on_udp = self.outside.take
        self.router.tcp.service_of = self._service_of
        self._actions: dict[str, Callable[..., None]] = {
            "add_host": self._add_host,
            "serve_http": self._serve_http,
            "serve_mqtt": self._serve_mqtt,
            "publish_mqtt": self._publish_mqtt,
            "listen": self._listen,
            "allow": self._allow,
            "switch": self._switch,
            "deauthenticate": self._deauthenticate,
            "renew_group_key": self._renew_group_key,
            "set_signal": self._set_signal,
            "lose_packets": self._lose_packets,
            "delay_packets": self._delay_packets,
            "fail_dns": self._fail_dns,
            "mend_dns": self._mend_dns,
            "reset_connections": self.router.tcp.reset_all,
            "forget_connections": self.router.tcp.forget_all,
            "inject_frame": self._inject_frame,
            "inject_packet": self.wire.arrive_below,
            "accept": self.outside.accept,
            "refuse": self.outside.refuse,
            "send": self.outside.send,
            "close": self.outside.close,
            "reset": self.outside.reset,
            "connect": self.outside.connect,
            "send_datagram": self.outside.send_datagram,
        }
        for name, *arguments in network.actions:
            self.act(name, *arguments)

    def act(self, name: str, *arguments: Any) -> None:
        """Do one of the actions of `Actions`, or something that a server outside does."""
        self._actions[name](*arguments)

    # ---- the air -----------------------------------------------------------------------------------

    def transmit(self, frame: bytes, frequency_mhz: float) -> bool:
        """Take a frame of the device; whether an access point acknowledged it."""
        is_acknowledged = False
        for bss in self.cells:
            if bss.is_on and abs(frequency_mhz - middle_mhz(bss.ap.channel)) < _CHANNEL_WIDTH_MHZ:
                try:
                    is_acknowledged |= bss.hear(frame)
                except FormatError:
                    continue  # who hears nonsense keeps silent
        for visitor in self.visitors:
            try:
                is_acknowledged |= visitor.hear(frame)
            except FormatError:
                continue
        self.on_frame(frame, round((frequency_mhz - middle_mhz(0)) / 5), None)
        return is_acknowledged

    def _reach(self, bss: Bss, frame: bytes) -> bool:
        off_mhz = abs(self._radio.frequency_mhz - middle_mhz(bss.ap.channel))
        if off_mhz >= _CHANNEL_WIDTH_MHZ or not self._radio.receive(frame, bss.signal_dbm):
            return False
        self.on_frame(frame, bss.ap.channel, bss.signal_dbm)
        return True

    def _reach_from_visitor(self, frame: bytes) -> bool:
        """Send a frame of a visitor, who is on the device's channel, whichever that is."""
        if not self._radio.receive(frame, VISITOR_DBM):
            return False
        self.on_frame(frame, self._channel, VISITOR_DBM)
        return True

    def _inject_frame(self, frame: bytes, is_sealed: bool = False) -> None:
        keys = self._keys_of(frame) if is_sealed else b""
        self._reach_from_visitor(key_frames.sealed(frame, keys) if keys else frame)

    def opened(self, frame: bytes) -> bytes:
        """A frame of an access point with what it hands out in a handshake in the clear."""
        keys = self._keys_of(frame)
        return key_frames.opened(frame, keys) if keys else frame

    def _keys_of(self, frame: bytes) -> bytes:
        """Those of the handshake between who sends a frame and who it is for; empty: there are none."""
        for bss in self.cells:
            station = bss.stations.get(frame[4:10])
            if bss.bssid == frame[10:16] and station is not None and station.handshake is not None:
                return station.handshake.keys
        return b""

    @property
    def _channel(self) -> int:
        return round((self._radio.frequency_mhz - middle_mhz(0)) / 5)

    def _associated(self, bss: Bss, address: bytes) -> None:
        """The wire leads to where a station is now: who had it before forgets it."""
        for other in self.cells:
            if other is not bss:
                other.forget(address)

    def _from_visitor(self, packet: Ipv4) -> None:
        if packet.protocol == Protocol.TCP:
            self.router.tcp.receive(packet)

    def _way_from(self, address: bytes) -> Callable[[Ipv4], None] | None:
        """How packets from an address go to the device; None: by the router."""
        for visitor in self.visitors:
            if visitor.state.address == address:
                return visitor.send_packet
        return None

    # ---- the wire ----------------------------------------------------------------------------------

    def _from_station(self, bss: Bss, frame: Ethernet) -> None:
        self.wire.send_up(frame.build())

    def _arrive_above(self, data: bytes) -> None:
        try:
            self.router.receive(Ethernet.parse(data))
        except FormatError as error:
            self._say(f"a packet of the device is dropped: {error}")

    def _arrive_below(self, data: bytes) -> None:
        frame = Ethernet.parse(data)
        for bss in self.cells:
            if bss.is_on and (is_group(frame.destination) or frame.destination in bss.stations):
                bss.send(frame)

    def _service_of(self, address: bytes, port: int) -> str | None:
        if self.http.is_at(address, port):
            return http.NAME
        if self.mqtt.is_at(address, port):
            return mqtt.NAME
        if self.outside.is_at(outside.TCP, address, port):
            return outside.NAME
        self._say(f"TCP: nobody listens at {'.'.join(map(str, address))}:{port}")
        return None

    def _say(self, text: str) -> None:
        self.on_event(text)

    # ---- actions -----------------------------------------------------------------------------------

    def address_of(self, host: str) -> bytes:
        """The address of a host by name or address; a new name gets one."""
        try:
            return parse_ip(host)
        except ValueError:
            return self.router.hosts.add(host)

    def _add_host(self, name: str, address: str | None) -> None:
        self.router.hosts.add(name, None if address is None else parse_ip(address))

    def _serve_http(self, host: str, port: int, answers: dict[str, dict[str, Any]]) -> None:
        self.http.serve(self.address_of(host), port, answers)

    def _serve_mqtt(self, host: str, port: int, accounts: dict[str, str]) -> None:
        self.mqtt.serve(self.address_of(host), port, accounts)

    def _publish_mqtt(self, *message: Any) -> None:
        self.mqtt.publish(Publication(*message))

    def _listen(self, protocol: str, host: str, port: int) -> None:
        self.outside.listen(protocol, self.address_of(host), port)

    def _allow(self, host: str, port: int) -> None:
        self.outside.allow(self.address_of(host), port)

    def named(self, ssid: str | None) -> list[Bss]:
        """The access points of that name or BSSID; None: all. NetworkError if there is none."""
        if ssid is None:
            return list(self.cells)
        bssid = ssid.lower()
        found = [bss for bss in self.cells if ssid == bss.ap.ssid or bssid == mac_text(bss.bssid)]
        if not found:
            raise NetworkError(f"ssid: {ssid!r} is none of {', '.join(bss.ap.ssid for bss in self.cells)}")
        return found

    def _switch(self, ssid: str | None, is_on: bool) -> None:
        for bss in self.named(ssid):
            bss.switch(is_on=is_on)

    def _deauthenticate(self, ssid: str | None, reason: int) -> None:
        for bss in self.named(ssid):
            bss.deauthenticate(reason)

    def _renew_group_key(self, ssid: str | None) -> None:
        for bss in self.named(ssid):
            bss.renew_group_key()

    def _set_signal(self, ssid: str | None, signal_dbm: int) -> None:
        for bss in self.named(ssid):
            bss.signal_dbm = signal_dbm

    def _lose_packets(self, share: float, seed: int) -> None:
        self.wire.lost_share, self.wire.seed = share, seed

    def _delay_packets(self, delay_ns: int) -> None:
        self.wire.latency_ns = delay_ns

    def _fail_dns(self, name: str, how: int) -> None:
        self.router.hosts.failing[name] = how

    def _mend_dns(self, name: str) -> None:
        self.router.hosts.failing.pop(name, None)

    # ---- snapshots ---------------------------------------------------------------------------------

    @property
    def _parts(self) -> dict[str, Any]:
        cells = {f"bss{number}": bss for number, bss in enumerate(self.cells)}
        own = {"agenda": self.agenda, "router": self.router, "wire": self.wire}
        servers = {"http": self.http, "mqtt": self.mqtt, "outside": self.outside}
        visitors = {f"visitor{number}": visitor for number, visitor in enumerate(self.visitors)}
        return {**own, **servers, **cells, **visitors}

    def save(self) -> dict[str, Any]:
        """Take a snapshot as plain data."""
        return {name: part.save() for name, part in self._parts.items()}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot of a world of the same networks; the clock must be back already."""
        for name, part in self._parts.items():
            part.restore(snapshot[name])
