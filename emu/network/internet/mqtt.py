"""An MQTT broker in virtual time: 3.1 and 3.1.1, with QoS 0 to 2, retained messages, wills and keep-alive."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from emu.network.agenda import SECOND, Agenda
from emu.network.formats.errors import FormatError
from emu.network.formats.mqtt import (
    Connect,
    ConnectStatus,
    Packet,
    PacketType,
    Publication,
    filters_in,
    is_matched,
)
from emu.network.internet.connection import Connection, Key
from emu.network.internet.tcp import Tcp

NAME: Final = "mqtt"
_Accounts = dict[str, str]


@dataclass(frozen=True, slots=True)
class MqttMessage:
    """What a device has published, or its will."""

    time_ns: int
    client: str
    topic: str
    payload: bytes
    qos: int
    is_retained: bool


class MqttBroker:
    """One broker at all the places that it is served at: the service `mqtt` of TCP.

    Sessions end with their connections.
    """

    def __init__(self, tcp: Tcp, agenda: Agenda) -> None:
        self.say: Callable[[str], None] = lambda text: None
        self.messages: list[MqttMessage] = []
        self._places: dict[tuple[bytes, int], _Accounts] = {}
        """Users and passwords by address and port; without any everybody may come."""
        self._retained: dict[str, Publication] = {}
        self._tcp = tcp
        self._agenda = agenda
        self._at_silence = agenda.handler("mqtt.silence", self._look_for_silence)
        tcp.services[NAME] = self
        self._handlers: dict[int, Callable[[Connection, Packet], None]] = {
            PacketType.CONNECT: self._connect,
            PacketType.PUBLISH: self._published,
            PacketType.PUBREC: self._has_got,
            PacketType.PUBREL: self._release,
            PacketType.SUBSCRIBE: self._subscribe,
            PacketType.UNSUBSCRIBE: self._unsubscribe,
            PacketType.PINGREQ: self._ping,
            PacketType.DISCONNECT: self._disconnect,
        }

    def serve(self, address: bytes, port: int, accounts: Mapping[str, str]) -> None:
        """Be there, too."""
        self._places[address, port] = dict(accounts)

    def is_at(self, address: bytes, port: int) -> bool:
        """Whether it is there."""
        return (address, port) in self._places

    def publish(self, message: Publication) -> None:
        """Send a message to all who want its topic."""
        if message.is_retained and message.payload:
            self._retained[message.topic] = message
        elif message.is_retained:
            self._retained.pop(message.topic, None)
        for connection in list(self._clients()):
            filters = _subscriptions(connection).items()
            wanted = [qos for each, qos in filters if is_matched(message.topic, each)]
            if wanted:
                self._deliver(connection, replace(message, is_retained=False), max(wanted))

    def _clients(self) -> list[Connection]:
        return [each for each in self._tcp.connections.values() if each.memory.get("client") is not None]

    def _deliver(self, connection: Connection, message: Publication, qos: int) -> None:
        memory = connection.memory
        memory["number"] = memory["number"] % 0xFFFF + 1
        outgoing = replace(message, qos=min(qos, message.qos), number=memory["number"])
        self._tcp.send(connection, outgoing.packet().build())

    # ---- Service -----------------------------------------------------------------------------------

    def opened(self, connection: Connection) -> None:
        """Wait for CONNECT."""
        empty: dict[str, Any] = {"stream": b"", "client": None, "subscriptions": {}, "will": None}
        connection.memory.update(**empty, number=0, unreleased=[], heard_ns=0, silence_ns=0)

    def received(self, connection: Connection, data: bytes) -> None:
        """Take the packets that have become whole."""
        memory = connection.memory
        memory["stream"] += data
        memory["heard_ns"] = self._agenda.now_ns
        try:
            while (taken := Packet.take(memory["stream"])) is not None and not connection.has_ended:
                packet, memory["stream"] = taken
                self._take(connection, packet)
        except FormatError as error:
            self.say(f"MQTT: {error}: the connection is reset")
            self._tcp.reset(connection)

    def drained(self, connection: Connection) -> None:
        """All has arrived."""

    def ended(self, connection: Connection) -> None:
        """The device sends no more."""
        self._lose(connection)
        self._tcp.close(connection)

    def vanished(self, connection: Connection) -> None:
        """The connection is no more."""
        self._lose(connection)

    def _lose(self, connection: Connection) -> None:
        """Publish the will of a client that has not said goodbye."""
        client, will = connection.memory.get("client"), connection.memory.get("will")
        connection.memory.update(client=None, will=None)
        if client is not None:
            self.say(f"MQTT: {client} is gone")
            if will is not None:
                self._take_message(client, Publication(**will))

    # ---- packets -----------------------------------------------------------------------------------

    def _take(self, connection: Connection, packet: Packet) -> None:
        if (connection.memory["client"] is None) != (packet.type == PacketType.CONNECT):
            raise FormatError(f"MQTT packet {packet.type} before CONNECT, or CONNECT again")
        handler = self._handlers.get(packet.type)
        if handler is not None:
            handler(connection, packet)

    def _unsubscribe(self, connection: Connection, packet: Packet) -> None:
        for topic, _ in filters_in(packet):
            _subscriptions(connection).pop(topic, None)
        self._answer(connection, PacketType.UNSUBACK, packet.number)

    def _ping(self, connection: Connection, packet: Packet) -> None:
        self._tcp.send(connection, Packet(PacketType.PINGRESP).build())

    def _has_got(self, connection: Connection, packet: Packet) -> None:
        self._answer(connection, PacketType.PUBREL, packet.number, flags=2)

    def _release(self, connection: Connection, packet: Packet) -> None:
        if packet.number in connection.memory["unreleased"]:
            connection.memory["unreleased"].remove(packet.number)
        self._answer(connection, PacketType.PUBCOMP, packet.number)

    def _disconnect(self, connection: Connection, packet: Packet) -> None:
        connection.memory["will"] = None
        self._tcp.close(connection)

    def _connect(self, connection: Connection, packet: Packet) -> None:
        asked = Connect.parse(packet.body)
        accounts, status = self._places[connection.key[2], connection.key[3]], ConnectStatus.ACCEPTED
        if not asked.level:
            status = ConnectStatus.UNACCEPTABLE_LEVEL
        elif accounts and accounts.get(asked.user or "", "\0").encode() != asked.password:
            status = ConnectStatus.BAD_USER
        self._tcp.send(connection, Packet(PacketType.CONNACK, bytes((0, status))).build())
        if status != ConnectStatus.ACCEPTED:
            self.say(f"MQTT: {asked.client} is refused: {status.name}")
            self._tcp.close(connection)
            return
        for other in self._clients():
            if asked.client and other.memory["client"] == asked.client:
                self._tcp.reset(other)
        will = None if asked.will is None else asdict(asked.will)
        connection.memory.update(client=asked.client, will=will)
        self.say(f"MQTT: {asked.client} has connected")
        if asked.keep_alive_s:
            connection.memory["silence_ns"] = asked.keep_alive_s * SECOND * 3 // 2
            self._at_silence(connection.memory["silence_ns"], connection.key)

    def _look_for_silence(self, key: Key) -> None:
        """Break a connection off whose client has said nothing for one and a half times its keep-alive."""
        connection = self._tcp.connections.get(key)
        if connection is None or connection.memory.get("client") is None:
            return
        memory = connection.memory
        left_ns = memory["heard_ns"] + memory["silence_ns"] - self._agenda.now_ns
        if left_ns > 0:
            self._at_silence(left_ns, key)
        else:
            self._tcp.reset(connection)

    def _published(self, connection: Connection, packet: Packet) -> None:
        message = Publication.parse(packet)
        unreleased, is_new = connection.memory["unreleased"], True
        if message.qos == 2:
            is_new = message.number not in unreleased
            if is_new:
                unreleased.append(message.number)
        if is_new:
            self._take_message(connection.memory["client"], message)
        if message.qos:
            kind = PacketType.PUBACK if message.qos == 1 else PacketType.PUBREC
            self._answer(connection, kind, message.number)

    def _take_message(self, client: str, message: Publication) -> None:
        which = message.topic, message.payload, message.qos, message.is_retained
        self.messages.append(MqttMessage(self._agenda.now_ns, client, *which))
        self.publish(message)

    def _subscribe(self, connection: Connection, packet: Packet) -> None:
        filters = filters_in(packet)
        _subscriptions(connection).update(filters)
        granted = bytes(qos for _, qos in filters)
        self._answer(connection, PacketType.SUBACK, packet.number, granted)
        for message in self._retained.values():
            wanted = [qos for topic, qos in filters if is_matched(message.topic, topic)]
            if wanted:
                self._deliver(connection, message, max(wanted))

    def _answer(
        self, connection: Connection, kind: PacketType, number: int, more: bytes = b"", flags: int = 0
    ) -> None:
        self._tcp.send(connection, Packet(kind, struct.pack(">H", number) + more, flags).build())

    # ---- snapshots ---------------------------------------------------------------------------------

    def save(self) -> dict[str, Any]:
        """Take a snapshot as plain data."""
        retained = [asdict(message) for message in self._retained.values()]
        places = {place: dict(accounts) for place, accounts in self._places.items()}
        return {"places": places, "retained": retained, "messages": [asdict(each) for each in self.messages]}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot."""
        self._places = {place: dict(accounts) for place, accounts in snapshot["places"].items()}
        self._retained = {each["topic"]: Publication(**each) for each in snapshot["retained"]}
        self.messages[:] = [MqttMessage(**each) for each in snapshot["messages"]]


def _subscriptions(connection: Connection) -> dict[str, int]:
    found: dict[str, int] = connection.memory["subscriptions"]
    return found
