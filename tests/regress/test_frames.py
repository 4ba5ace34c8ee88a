"""Mutated frames: where their fields are, their checksums, and that the device hears them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emu.cli.__main__ import run_command_line
from emu.machine import Machine
from emu.network import NetworkError
from emu.network.formats.dot11 import Element, Frame, Kind
from emu.network.formats.ethernet import Ethernet, EtherType
from emu.network.formats.ipv4 import Ipv4, Protocol
from emu.network.formats.tcp import Segment
from emu.regress.explore.fault import Heard
from emu.regress.explore.frame_fields import fields_on_air, fields_on_wire, with_checksums
from emu.regress.explore.frames import hear, kinds_of
from emu.regress.explore.structure import draw_edits, edited
from emu.regress.scenario import load_scenario

WIRELESS = Path(__file__).resolve().parent / "scenarios" / "wireless.py"


@pytest.fixture(scope="module")
def joined() -> Iterator[tuple[Machine, list[Heard]]]:
    """A device that is in a network, and what it has heard."""
    scenario = load_scenario(WIRELESS)
    with scenario.load() as machine:
        heard = hear(machine)
        scenario.story(machine)
        yield machine, heard.copy()


def test_fields_are_those_of_the_layers(joined: tuple[Machine, list[Heard]]) -> None:
    names = {
        field.name
        for each in kinds_of(joined[1])
        for field in (fields_on_wire(each.data) if each.is_packet else fields_on_air(each.data))
    }
    assert names >= {
        *("frame control", "fixed", "length of element 0", f"length of element {Element.RSN.value}"),
        *("ARP operation", "IPv4 total length", "UDP length", "DHCP magic", "length of DHCP option 53"),
        *("DNS answers", "TCP data offset"),
    }


def test_checksums_of_genuine_packets_stay_as_they_are(joined: tuple[Machine, list[Heard]]) -> None:
    packets = [each.data for each in joined[1] if each.is_packet]
    assert len(packets) > 5
    for packet in packets:
        damaged = bytearray(packet)
        if packet[12:14] == b"\x08\x00":
            damaged[24] ^= 0x55  # of the IPv4 header
        assert with_checksums(bytes(damaged)) == packet


@given(data=st.binary(max_size=120), seed=st.integers(0, 1000), is_ipv4=st.booleans())
def test_any_bytes_can_be_mutated(data: bytes, seed: int, is_ipv4: bool) -> None:
    packet = bytes(12) + (b"\x08\x00\x45" if is_ipv4 else b"") + data
    for fields in (fields_on_wire(packet), fields_on_air(packet)):
        assert all(each.offset + each.size_bytes <= len(packet) for each in fields)
        changed = edited(packet, draw_edits(random.Random(seed), packet, fields, [b"word"]))
        assert len(with_checksums(changed)) == len(changed)


def test_the_device_hears_what_is_injected(joined: tuple[Machine, list[Heard]]) -> None:
    machine, heard = joined
    before = machine.snapshot()
    [(mac, address)] = machine.wifi.addresses.items()
    to = bytes.fromhex(mac.replace(":", ""))
    gateway, device = bytes((10, 0, 2, 2)), bytes(map(int, address.split(".")))
    router = next(one.data[6:12] for one in heard if one.is_packet)
    question = b"\0\x01\x08\0\x06\x04\0\x01" + router + gateway + bytes(6) + device
    frames: list[bytes] = []
    machine.wifi.frames.append(lambda frame, _, signal_dbm: frames.append(frame) if signal_dbm else None)
    machine.wifi.inject_packet(Ethernet(to, router, EtherType.ARP, question).build())
    machine.run_for(0.001)
    assert [frame.endswith(question) for frame in frames] == [True]
    machine.restore(before)
    bssid = next(one.data[10:16] for one in heard if one.data[0] == Kind.ASSOCIATION_RESPONSE)
    machine.wifi.inject_frame(Frame(Kind.DEAUTHENTICATION, to, bssid, bssid, b"\x01\0").build())
    machine.uart0.expect("attempt 1 of 5 failed", timeout_s=20)
    with pytest.raises(NetworkError, match="packet: 13 bytes are less than an Ethernet header"):
        machine.wifi.inject_packet(bytes(13))


def test_the_command_goes_through_frames(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["fuzz", str(WIRELESS), "--frames", "--executions", "10", "--seed", "2"]) == 0
    assert "10 executions" in capsys.readouterr().out


def test_a_repeated_answer_does_not_end_a_connection() -> None:
    """The fuzzer found it: a SYN that came again closed the ears of our client."""
    scenario = load_scenario(WIRELESS)
    with scenario.load() as machine:
        answers: list[bytes] = []

        def note(packet: bytes, is_from_device: bool) -> None:
            if packet[12:14] != b"\x08\x00" or packet[23] != Protocol.TCP:
                return
            segment = Segment.parse(Ipv4.parse(packet[14:]))
            if segment.flags & 0x02 and not is_from_device:
                answers.append(packet)
            if segment.data.startswith(b"GET "):
                machine.wifi.inject_packet(answers[0])

        machine.wifi.packets.append(note)
        machine.uart0.expect(r"\.{20}", timeout_s=5)
        assert len(answers) > 1
