"""Packets are written and read back; damaged ones are refused, and nothing else happens to them."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mutation import mutated

from emu.network.formats import dns, eapol
from emu.network.formats.addresses import ip_text, mac_text, parse_ip, parse_mac
from emu.network.formats.arp import Arp
from emu.network.formats.checksum import checksum
from emu.network.formats.dhcp import Dhcp
from emu.network.formats.dot11 import AssociationRequest, Authentication, Frame, Kind, parse_elements
from emu.network.formats.eapol import KeyFrame
from emu.network.formats.errors import FormatError
from emu.network.formats.ethernet import Ethernet
from emu.network.formats.icmp import Icmp
from emu.network.formats.ipv4 import Ipv4, Protocol
from emu.network.formats.tcp import Segment
from emu.network.formats.udp import Udp

MAC, IP = st.binary(min_size=6, max_size=6), st.binary(min_size=4, max_size=4)
WORD, PORT = st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1)
DATA = st.binary(max_size=200)
QOS_KINDS = (Kind.QOS_DATA, Kind.QOS_NULL)
KINDS = st.sampled_from([kind for kind in Kind if kind != Kind.PS_POLL and kind not in QOS_KINDS])
FRAMES = st.one_of(
    st.builds(
        Frame, KINDS, MAC, MAC, MAC, DATA, st.sampled_from([0, 1, 2, 0x42]), st.integers(0, 0xFFF), PORT
    ),
    st.builds(
        Frame, st.sampled_from(QOS_KINDS), MAC, MAC, MAC, DATA, st.just(2), st.integers(0, 0xFFF), PORT, PORT
    ),
)
KEY_FRAMES = st.builds(
    KeyFrame,
    st.integers(0, 0x1FFF).map(lambda info: info & ~7),
    st.integers(0, 2**64 - 1),
    st.binary(min_size=32, max_size=32),
    DATA,
    st.binary(min_size=16, max_size=16),
    st.binary(min_size=8, max_size=8),
)
DHCP = st.builds(
    Dhcp,
    st.sampled_from([1, 2]),
    IP,
    MAC,
    st.integers(1, 8),
    st.dictionaries(
        st.integers(1, 254).filter(lambda number: number != 53), st.binary(max_size=30), max_size=5
    ),
    IP,
    IP,
    IP,
)


@given(FRAMES)
def test_802_11_frames(frame: Frame) -> None:
    assert Frame.parse(frame.build()) == frame


@given(KEY_FRAMES)
def test_key_frames(frame: KeyFrame) -> None:
    assert KeyFrame.parse(frame.build()) == frame
    signed = frame.signed(b"k" * 16).build()
    assert eapol.is_signed(signed, b"k" * 16)
    assert not eapol.is_signed(signed, b"j" * 16)


@given(st.builds(Ethernet, MAC, MAC, PORT, DATA))
def test_ethernet_frames(frame: Ethernet) -> None:
    assert Ethernet.parse(frame.build()) == frame
    assert Ethernet.from_air(frame.destination, frame.source, frame.for_air) == frame


@given(st.builds(Arp, PORT, MAC, IP, MAC, IP))
def test_arp_packets(packet: Arp) -> None:
    assert Arp.parse(packet.build()) == packet


@given(st.builds(Ipv4, IP, IP, st.integers(0, 255), DATA, PORT, st.integers(0, 255)))
def test_ipv4_packets(packet: Ipv4) -> None:
    assert Ipv4.parse(packet.build()) == packet


@given(st.builds(Icmp, st.integers(0, 255), st.integers(0, 255), st.binary(min_size=4, max_size=60)))
def test_icmp_messages(message: Icmp) -> None:
    assert Icmp.parse(message.build()) == message


@given(st.builds(Udp, PORT, PORT, DATA), IP, IP)
def test_udp_datagrams(datagram: Udp, source: bytes, destination: bytes) -> None:
    assert Udp.parse(datagram.packet(source, destination)) == datagram


@given(st.builds(Segment, PORT, PORT, WORD, WORD, st.integers(0, 0x3F), PORT, DATA, st.none() | PORT), IP, IP)
def test_tcp_segments(segment: Segment, source: bytes, destination: bytes) -> None:
    assert Segment.parse(segment.packet(source, destination)) == segment


@given(DHCP)
def test_dhcp_messages(message: Dhcp) -> None:
    assert Dhcp.parse(message.build()) == message


@given(DATA)
def test_a_checksum_makes_the_sum_zero(data: bytes) -> None:
    even = data + bytes(len(data) % 2)
    assert checksum(even + checksum(even).to_bytes(2, "big")) == 0


def test_a_checksum_of_rfc_1071() -> None:
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF - 0xDDF2


def test_a_question_is_answered() -> None:
    query = bytes.fromhex(
        "123401000001000000000000 0755706461746531 0474657374 00 0001 0001".replace(" ", "")
    )
    question = dns.Question.parse(query)
    assert (question.name, question.type) == ("update1.test", dns.A)
    answer = question.answer(dns.Status.FOUND, parse_ip("198.18.0.1"))
    assert answer[:8] == bytes.fromhex("1234818000010001")
    assert answer.endswith(bytes((0, 4, 198, 18, 0, 1)))
    assert question.answer(dns.Status.NO_SUCH_NAME, None)[:8] == bytes.fromhex("1234818300010000")


def test_addresses_as_text() -> None:
    assert mac_text(parse_mac("02:aa:bb:cc:dd:ee")) == "02:aa:bb:cc:dd:ee"
    assert ip_text(parse_ip("10.0.2.15")) == "10.0.2.15"
    for wrong in ("10.0.2", "10.0.2.256", "10.0.2.-1", "", "10.0.2.1.1"):
        with pytest.raises(ValueError, match="no IPv4 address"):
            parse_ip(wrong)
    with pytest.raises(ValueError, match=r"no MAC address|hexadecimal"):
        parse_mac("02:aa:bb")


def parse_query(data: bytes) -> object:
    return dns.Question.parse(data)


def parse_association(data: bytes) -> object:
    return AssociationRequest.parse(data, is_again=False)


SAMPLES: list[tuple[Callable[[bytes], object], bytes]] = [
    (Frame.parse, Frame(Kind.QOS_DATA, bytes(6), bytes(6), bytes(6), b"body" * 9, 2).build()),
    (KeyFrame.parse, KeyFrame(0x88, 1, bytes(32), b"data" * 8).build()),
    (Ethernet.parse, Ethernet(bytes(6), bytes(6), 0x800, b"payload").build()),
    (Arp.parse, Arp(1, bytes(6), bytes(4), bytes(6), bytes(4)).build()),
    (Ipv4.parse, Ipv4(bytes(4), bytes(4), 17, b"payload" * 4).build()),
    (Icmp.parse, Icmp(8, 0, b"payload" * 4).build()),
    (Dhcp.parse, Dhcp(1, bytes(4), bytes(6), 1, {12: b"name", 50: bytes(4)}).build()),
    (Authentication.parse, Authentication(0, 1).build()),
    (parse_elements, bytes.fromhex("0004746573740101823001aa")),
    (parse_association, bytes.fromhex("310403000004746573740101823001aa")),
    (parse_query, bytes.fromhex("12340100000100000000000004746573740000010001")),
    (
        lambda data: Udp.parse(Ipv4(bytes(4), bytes(4), Protocol.UDP, data)),
        Udp(1, 2, b"payload").packet(bytes(4), bytes(4)).payload,
    ),
    (
        lambda data: Segment.parse(Ipv4(bytes(4), bytes(4), Protocol.TCP, data)),
        Segment(1, 2, 3, 4, 2, 5, b"payload", 1460).packet(bytes(4), bytes(4)).payload,
    ),
]


def test_damaged_packets_are_parsed_or_refused() -> None:
    chance, refused = random.Random(16), 0
    for _ in range(1000):
        for parse, data in SAMPLES:
            try:
                parse(mutated(chance, data))
            except FormatError:
                refused += 1
    assert 1000 < refused < 12_000
