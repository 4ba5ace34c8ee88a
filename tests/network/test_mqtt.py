"""The MQTT broker as clients meet it."""

from __future__ import annotations

import random
import struct

import pytest
from support.mutation import mutated
from support.station import GATEWAY, FakeStation, FakeTcp

from emu.network import AccessPoint, Network, NetworkError
from emu.network.formats.errors import FormatError
from emu.network.formats.mqtt import Connect, Packet, PacketType, Publication, filters_in, is_matched
from emu.network.formats.tcp import RST

GOODBYE = Packet(PacketType.DISCONNECT)


def text(content: str) -> bytes:
    return struct.pack(">H", len(content)) + content.encode()


def connect(
    client: str = "one", *, will: bool = False, account: bool = False, keep_alive_s: int = 60
) -> Packet:
    flags = 2 | (0x0C if will else 0) | (0xC0 if account else 0)
    body = text("MQTT") + bytes((4, flags)) + struct.pack(">H", keep_alive_s) + text(client)
    body += (text("status/one") + text("gone")) * will + (text("user") + text("secret")) * account
    return Packet(PacketType.CONNECT, body)


def subscribe(*filters: tuple[str, int]) -> Packet:
    body = struct.pack(">H", 7) + b"".join(text(topic) + bytes((qos,)) for topic, qos in filters)
    return Packet(PacketType.SUBSCRIBE, body, 2)


class Client:
    """A client of the broker."""

    def __init__(self, station: FakeStation) -> None:
        self.tcp = FakeTcp(station, GATEWAY, 1883)
        self.tcp.run()
        self._read = 0

    def ask(self, *packets: Packet) -> list[Packet]:
        """Send packets; what comes back."""
        self.tcp.write(b"".join(packet.build() for packet in packets))
        return self.take()

    def take(self) -> list[Packet]:
        self.tcp.run(5, steps=4)
        stream, found = self.tcp.data[self._read :], []
        while (taken := Packet.take(stream)) is not None:
            packet, stream = taken
            found.append(packet)
        self._read = len(self.tcp.data) - len(stream)
        return found


@pytest.fixture
def station() -> FakeStation:
    network = Network(AccessPoint("lobby"))
    network.serve_mqtt()
    network.publish_mqtt("config/led", "on", is_retained=True)
    station = FakeStation(network)
    station.join()
    return station


def messages(station: FakeStation) -> list[tuple[str, bytes]]:
    return [(each.topic, each.payload) for each in station.world.mqtt.messages]


def test_a_client_connects_and_pings(station: FakeStation) -> None:
    client = Client(station)
    [answer] = client.ask(connect())
    assert (answer.type, answer.body) == (PacketType.CONNACK, b"\0\0")
    assert client.ask(Packet(PacketType.PINGREQ)) == [Packet(PacketType.PINGRESP)]


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_messages_go_both_ways(station: FakeStation, qos: int) -> None:
    client = Client(station)
    client.ask(connect())
    granted, retained = client.ask(subscribe(("config/+", qos)))
    assert (granted.type, granted.body) == (PacketType.SUBACK, struct.pack(">HB", 7, qos))
    assert Publication.parse(retained).payload == b"on"
    assert Publication.parse(retained).is_retained
    answers = client.ask(Publication("config/x", b"1", qos, number=5).packet())
    own = next(each for each in answers if each.type == PacketType.PUBLISH)
    assert Publication.parse(own).qos == qos
    rest = [each.type for each in answers if each.type != PacketType.PUBLISH]
    assert rest == [[], [PacketType.PUBACK], [PacketType.PUBREC]][qos]
    if qos == 2:
        again = client.ask(Publication("config/x", b"1", qos, number=5).packet())
        assert [each.type for each in again] == [PacketType.PUBREC]  # and nobody gets it twice
        released = client.ask(Packet(PacketType.PUBREL, b"\0\5", 2), Packet(PacketType.PUBREC, b"\0\1"))
        assert [each.type for each in released] == [PacketType.PUBCOMP, PacketType.PUBREL]
    assert messages(station) == [("config/x", b"1")]
    station.world.act("publish_mqtt", "config/y", b"2", qos, False)
    [sent] = client.take()
    assert (Publication.parse(sent).topic, Publication.parse(sent).payload) == ("config/y", b"2")
    unsubscribe = Packet(PacketType.UNSUBSCRIBE, b"\0\x08" + text("config/+"), 2)
    assert [each.type for each in client.ask(unsubscribe)] == [PacketType.UNSUBACK]
    station.world.act("publish_mqtt", "config/y", b"2", qos, False)
    assert client.take() == []


def test_retained_messages_are_replaced_and_taken_back(station: FakeStation) -> None:
    client = Client(station)
    client.ask(connect(), Publication("config/led", b"off", is_retained=True).packet())
    assert Publication.parse(client.ask(subscribe(("#", 0)))[1]).payload == b"off"
    client.ask(Publication("config/led", b"", is_retained=True).packet())
    assert [each.type for each in client.ask(subscribe(("#", 0)))] == [PacketType.SUBACK]


def test_a_will_is_published_unless_the_client_says_goodbye(station: FakeStation) -> None:
    client = Client(station)
    client.ask(connect(will=True), GOODBYE)
    assert messages(station) == []
    client.tcp.close()
    client.tcp.run(5, steps=3)
    other = Client(station)
    other.ask(connect(will=True))
    other.tcp.close()
    other.tcp.run(5, steps=3)
    assert messages(station) == [("status/one", b"gone")]


def test_who_is_silent_for_too_long_is_lost(station: FakeStation) -> None:
    client = Client(station)
    client.ask(connect(will=True, keep_alive_s=10))
    station.run(14_000)
    client.ask(Packet(PacketType.PINGREQ))
    station.run(14_800)
    assert messages(station) == []
    station.run(300)
    assert messages(station) == [("status/one", b"gone")]


def test_accounts_are_looked_at(station: FakeStation) -> None:
    station.world.act("serve_mqtt", "10.0.2.2", 1883, {"user": "secret"})
    client = Client(station)
    assert client.ask(connect())[0].body == b"\0\4"
    client.tcp.close()
    client.tcp.run(5, steps=3)
    assert Client(station).ask(connect(account=True))[0].body == b"\0\0"


def test_another_protocol_is_refused(station: FakeStation) -> None:
    body = text("MQTT") + bytes((5, 2, 0, 0, 0)) + text("one")
    assert Client(station).ask(Packet(PacketType.CONNECT, body))[0].body == b"\0\1"


@pytest.mark.parametrize(
    "packets",
    [
        (Packet(PacketType.PINGREQ),),
        (connect(), connect()),
        (connect(), Packet(PacketType.PUBLISH, b"\0\1#")),
        (connect(), Packet(PacketType.PUBLISH, b"\0\1a", 6)),
        (connect(), Packet(PacketType.PUBLISH, b"\0\1\xff")),
        (connect(), Packet(PacketType.SUBSCRIBE, b"\0\1", 2)),
        (connect(), Packet(PacketType.SUBSCRIBE, b"\0\1\0\1a\3", 2)),
        (connect(), Packet(PacketType.PUBREL, b"\0", 2)),
        (Packet(PacketType.CONNECT, text("MQTT")),),
    ],
)
def test_nonsense_is_answered_by_a_reset(station: FakeStation, packets: tuple[Packet, ...]) -> None:
    client = Client(station)
    client.ask(*packets)
    assert client.tcp.flags & RST


def test_damaged_packets_crash_nothing(station: FakeStation) -> None:
    chance = random.Random(6)
    kinds = [
        connect(will=True, account=True),
        subscribe(("a/#", 1)),
        Publication("a/b", b"x", 2, number=9).packet(),
    ]
    broker, tcp = station.world.mqtt, station.world.router.tcp
    Client(station)
    [connection] = tcp.connections.values()
    for _ in range(3000):
        broker.opened(connection)
        for packet in (connect().build(), mutated(chance, chance.choice(kinds).build())):
            broker.received(connection, packet)
        connection.output, connection.has_ended = b"", False
        tcp.connections[connection.key] = connection


def test_lengths_of_packets() -> None:
    for size in (0, 127, 128, 16_383, 16_384, 300_000):
        data = Packet(PacketType.PUBLISH, bytes(size)).build()
        assert Packet.take(data + b"more") == (Packet(PacketType.PUBLISH, bytes(size)), b"more")
        assert Packet.take(data[:-1]) is None
    for data in (b"\x30\xff\xff\xff\xff\x01", b"\x30\xff\xff\xff\x7f"):
        with pytest.raises(FormatError):
            Packet.take(data)


@pytest.mark.parametrize(
    ("wanted", "topics", "others"),
    [
        ("a/b", ["a/b"], ["a", "a/b/c", "a/B"]),
        ("a/+/c", ["a/b/c", "a//c"], ["a/c", "a/b/b/c"]),
        ("a/#", ["a", "a/b", "a/b/c"], ["b", "ab"]),
        ("#", ["a", "/a"], ["$SYS/x"]),
        ("+/x", ["a/x"], ["$SYS/x", "x"]),
        ("$SYS/#", ["$SYS/x"], ["x"]),
    ],
)
def test_filters_of_the_standard(wanted: str, topics: list[str], others: list[str]) -> None:
    assert all(is_matched(topic, wanted) for topic in topics)
    assert not any(is_matched(topic, wanted) for topic in others)


def test_what_cannot_be_published() -> None:
    network = Network(AccessPoint("lobby"))
    with pytest.raises(NetworkError, match="topic"):
        network.publish_mqtt("a/#", b"")
    with pytest.raises(NetworkError, match="qos"):
        network.publish_mqtt("a", b"", 3)


def test_packets_as_data() -> None:
    asked = Connect.parse(connect(will=True, account=True).body)
    assert (asked.client, asked.keep_alive_s, asked.user, asked.password) == ("one", 60, "user", b"secret")
    assert asked.will == Publication("status/one", b"gone", 1)
    assert filters_in(subscribe(("a", 0), ("b/#", 2))) == [("a", 0), ("b/#", 2)]


def test_a_session_goes_on_from_a_snapshot(station: FakeStation) -> None:
    client = Client(station)
    client.ask(connect(), subscribe(("config/+", 1)))
    saved = station.world.save()
    unsubscribe = Packet(PacketType.UNSUBSCRIBE, b"\0\x08" + text("config/+"), 2)
    client.ask(unsubscribe, Publication("config/led", b"off", is_retained=True).packet())
    assert station.world.save() != saved
    station.world.restore(saved)
    assert station.world.save() == saved
