"""The WLAN's queues and ciphers with a fake radio and air: what the driver hands over, and what it gets."""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass, field

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.crypto import ccmp
from peripherals.framework.errors import BusError
from peripherals.radio.wlan_mac import WlanMac
from peripherals.radio.wlan_security import WlanSecurity

RAM = 0x2000_0000
SEND_RING, MAC_DESCRIPTORS, BODIES = RAM + 0x000, RAM + 0x400, RAM + 0x1000
RECEIVE_RING, BUFFERS, REPORTS = RAM + 0x4000, RAM + 0x5000, RAM + 0x9000
OWNED = 1 << 31
STATION, ACCESS_POINT, OTHER = b"\x02\x80\0\0\0\x01", b"\x02\xaa\xbb\xcc\xdd\x00", b"\x02\x80\0\0\0\x09"
KEY = bytes(range(16))
US = 1_000
RADIO_ON = 0x190
RECEIVE, DATA_SENT, MANAGEMENT_SENT, RECEIVED = 1, 1, 2, 4


@dataclass
class FakeAir:
    acknowledges: bool = True
    frames: list[bytes] = field(default_factory=list)

    def transmit(self, frame: bytes, frequency_mhz: float) -> bool:
        self.frames.append(frame)
        return self.acknowledges


class FakeSynthesizer:
    frequency_mhz = 2437.0


@dataclass
class Wlan:
    """The two blocks, as the chip wires them."""

    world: FakeWorld
    irq: FakeLine
    mac_irq: FakeLine
    mac: WlanMac
    security: WlanSecurity
    air: FakeAir

    def write_words(self, address: int, *words: int) -> None:
        self.world.memory.write(address, struct.pack(f"<{len(words)}I", *words))

    def word(self, address: int) -> int:
        return int.from_bytes(self.world.memory.read(address, 4), "little")

    def put_frame(self, number: int, header: bytes, body: bytes, *, control: int = 0, plain: int = 0) -> None:
        """Fill send descriptor `number` of a ring of four."""
        address, mac = SEND_RING + 24 * number, MAC_DESCRIPTORS + 0x80 * number
        content = BODIES + 0x700 * number
        following = SEND_RING + 24 * ((number + 1) % 4)
        iv_words = 2 if control & 1 else 0
        self.write_words(address, OWNED, mac, content, len(body) | iv_words << 20, control, following)
        lengths = plain | (len(header) - 4 * iv_words) << 16 | (len(header) + len(body))
        self.write_words(mac, 0xF000, 0, lengths, 0, 0, 0, 2, 0)
        self.world.memory.write(mac + 32, header)
        self.world.memory.write(content, body)

    def make_receive_ring(self, buffers: int) -> None:
        for number in range(4):
            owner = OWNED if number < buffers else 0
            following = RECEIVE_RING + 12 * ((number + 1) % 4)
            self.write_words(RECEIVE_RING + 12 * number, owner, BUFFERS + 0x800 * number, following)

    def received(self, number: int) -> tuple[tuple[int, ...], bytes]:
        """Status words and frame in a buffer."""
        content = self.world.memory.read(BUFFERS + 0x800 * number, 1624)
        words = struct.unpack_from("<6I", content)
        return words, content[24 : 24 + (words[1] & 0xFFF)]

    def set_key(self, first: int, key: bytes) -> None:
        for word, value in zip((3, 2, 1, 0), struct.unpack(">4I", key), strict=True):
            self.security.write(first + 4 * word, value)

    def set_address(self, number: int, address: bytes) -> None:
        first = number if number < 16 else 0x60 + number - 16
        for byte, value in enumerate(address):
            self.security.write(first + 0x10 * byte, value, 1)


@pytest.fixture
def wlan() -> Wlan:
    world, irq, mac_irq, air = FakeWorld(), FakeLine(), FakeLine(), FakeAir()
    mac = WlanMac("wlan_mac", world.environment, mac_irq)
    security = WlanSecurity("wlan_security", world.environment, irq)
    security.receiver, security.air, security.synthesizer = mac, air, FakeSynthesizer()
    wlan = Wlan(world, irq, mac_irq, mac, security, air)
    low, high = struct.unpack("<IH", STATION)
    mac.write(mac.station_address[0].offset, low)
    mac.write(mac.station_address[1].offset, high)
    mac.write(mac.radio_control.offset, RADIO_ON)
    mac.write(mac.receive_command.offset, 1)
    mac.write(mac.report_address.offset, REPORTS)
    mac.write(mac.free_reports.offset, 0xFFFF_FFFF)
    security.write(security.receive_enable.offset, 1)
    security.write(security.data_queue.offset, SEND_RING)
    security.write(security.management_queue.offset, SEND_RING)
    security.write(security.receive_queue.offset, RECEIVE_RING)
    wlan.make_receive_ring(4)
    return wlan


def frame(kind: int, receiver: bytes, transmitter: bytes, body: bytes = b"", flags: int = 0) -> bytes:
    return bytes((kind, flags, 0, 0)) + receiver + transmitter + ACCESS_POINT + b"\x70\x01" + body


def send(wlan: Wlan, *, ns: int = 50 * US) -> None:
    wlan.security.write(wlan.security.send_data.offset, 1)
    wlan.world.clock.advance(ns)


def test_a_frame_goes_out_and_its_descriptor_comes_back(wlan: Wlan) -> None:
    header = frame(0x08, ACCESS_POINT, STATION)
    wlan.put_frame(0, header, b"body")
    send(wlan, ns=50 * US - 1)
    assert not wlan.air.frames
    assert wlan.word(SEND_RING) == OWNED
    wlan.world.clock.advance(1)
    assert wlan.air.frames == [header + b"body"]
    assert wlan.word(SEND_RING) == 0
    assert wlan.security.read(wlan.security.interrupt_status.offset) == DATA_SENT
    assert wlan.irq.is_high()
    wlan.security.write(wlan.security.interrupt_status.offset, DATA_SENT)
    assert not wlan.irq.is_high()


def test_a_ring_goes_on_where_it_stopped(wlan: Wlan) -> None:
    for number in range(6):
        wlan.put_frame(number % 4, frame(0x08, ACCESS_POINT, STATION), b"%d" % number)
        send(wlan, ns=10_000 * US)
    assert [sent[24:] for sent in wlan.air.frames] == [b"0", b"1", b"2", b"3", b"4", b"5"]


def test_one_start_sends_all_that_wait_one_after_the_other(wlan: Wlan) -> None:
    for number in range(3):
        wlan.put_frame(number, frame(0x08, ACCESS_POINT, STATION), bytes(1000))
    send(wlan)
    assert len(wlan.air.frames) == 1
    wlan.world.clock.advance(30_000 * US)
    assert len(wlan.air.frames) == 3


def test_management_frames_have_a_ring_and_a_flag_of_their_own(wlan: Wlan) -> None:
    wlan.put_frame(0, frame(0xB0, ACCESS_POINT, STATION), bytes(6))
    wlan.security.write(wlan.security.send_management.offset, 1)
    wlan.world.clock.advance(50 * US)
    assert len(wlan.air.frames) == 1
    assert wlan.security.read(wlan.security.interrupt_status.offset) == MANAGEMENT_SENT


@pytest.mark.parametrize(("acknowledged", "outcome"), [(True, 1 << 24), (False, 1 << 25)])
def test_what_has_become_of_a_frame_is_reported(wlan: Wlan, acknowledged: bool, outcome: int) -> None:
    wlan.air.acknowledges = acknowledged
    wlan.put_frame(0, frame(0x08, ACCESS_POINT, STATION), b"body")
    send(wlan)
    assert wlan.word(REPORTS) == 0xF | 0x17 << 4
    assert wlan.word(REPORTS + 16) == outcome
    assert wlan.mac.read(wlan.mac.free_reports.offset) == 0xFFFF_FFFE
    assert wlan.mac.read(wlan.mac.new_reports.offset) == 1
    assert wlan.mac_irq.is_high()
    wlan.mac.write(wlan.mac.interrupt_source.offset, 4)
    assert not wlan.mac_irq.is_high()


def test_a_frame_to_a_group_needs_no_acknowledgement(wlan: Wlan) -> None:
    wlan.air.acknowledges = False
    wlan.put_frame(0, frame(0x08, b"\xff" * 6, STATION), b"body", plain=1 << 29)
    send(wlan)
    assert wlan.word(REPORTS + 16) == 1 << 24


def test_without_a_free_report_nothing_is_reported(wlan: Wlan) -> None:
    wlan.mac.write(wlan.mac.free_reports.offset, 0)
    wlan.put_frame(0, frame(0x08, ACCESS_POINT, STATION), b"body")
    send(wlan)
    assert not wlan.mac_irq.is_high()


def test_a_frame_is_ciphered_with_the_key_of_its_entry(wlan: Wlan) -> None:
    wlan.set_key(0x100, KEY)
    header = frame(0x08, ACCESS_POINT, STATION, flags=0x41) + ccmp.iv_of(0x1234, 0)
    wlan.put_frame(0, header, b"a secret", control=0b101)
    send(wlan)
    [sent] = wlan.air.frames
    assert b"a secret" not in sent
    assert ccmp.unprotect(KEY, sent) == header + b"a secret"


def test_other_ciphers_are_told_and_not_sent(wlan: Wlan) -> None:
    wlan.put_frame(0, frame(0x08, ACCESS_POINT, STATION, flags=0x41) + bytes(8), b"x", control=0b011)
    send(wlan)
    assert not wlan.air.frames
    assert wlan.word(REPORTS + 16) == 1 << 25
    assert wlan.world.log.names == ["wlan_security.cipher"]


@pytest.mark.parametrize("header", [b"", b"\x08", b"\x08\x41" + bytes(22), b"\x88\x43" + bytes(36)])
def test_a_frame_without_room_for_a_packet_number_is_told_and_not_sent(wlan: Wlan, header: bytes) -> None:
    wlan.put_frame(0, header + bytes(8), b"", control=0b101)
    wlan.write_words(SEND_RING + 12, 0)  # no words of cipher numbers
    send(wlan)
    assert wlan.air.frames == []
    assert wlan.world.log.names == ["wlan_security.cipher"]


def test_a_frame_comes_into_the_buffer_with_its_strength(wlan: Wlan) -> None:
    heard = frame(0x08, STATION, ACCESS_POINT, b"hello", flags=2)
    assert wlan.security.receive(heard, -40)
    words, content = wlan.received(0)
    assert content == heard
    assert words[0] >> 25 == 70
    assert wlan.word(RECEIVE_RING) == 0
    assert wlan.word(RECEIVE_RING + 4) == BUFFERS | 1 << 30
    assert wlan.irq.is_high()


def test_without_a_buffer_a_frame_is_missed_until_there_is_one(wlan: Wlan) -> None:
    wlan.make_receive_ring(1)
    heard = frame(0x08, STATION, ACCESS_POINT, b"hello")
    assert [wlan.security.receive(heard, -40) for _ in range(3)] == [True, False, False]
    wlan.write_words(RECEIVE_RING + 12, OWNED)
    assert wlan.security.receive(heard, -40)
    assert wlan.received(1)[1] == heard


@pytest.mark.parametrize(
    ("register", "value"), [("radio_control", 0), ("receive_command", 0), ("radio_control", 0x180)]
)
def test_a_receiver_that_is_off_hears_nothing(wlan: Wlan, register: str, value: int) -> None:
    wlan.mac.write(getattr(wlan.mac, register).offset, value)
    assert not wlan.security.receive(frame(0x08, STATION, ACCESS_POINT), -40)
    assert not wlan.irq.is_high()


@pytest.mark.parametrize(
    ("kind", "receiver", "control", "is_stored"),
    [
        (0x08, STATION, 0, True),
        (0x08, OTHER, 0, False),
        (0x08, OTHER, 1 << 14, True),
        (0x08, b"\xff" * 6, 0, True),
        (0x80, b"\xff" * 6, 0, False),
        (0x80, b"\xff" * 6, 1 << 11, True),
    ],
)
def test_filters_let_through_what_is_for_this_station(
    wlan: Wlan, kind: int, receiver: bytes, control: int, is_stored: bool
) -> None:
    wlan.mac.write(wlan.mac.control.offset, control)
    assert wlan.security.receive(frame(kind, receiver, ACCESS_POINT), -40)
    assert wlan.irq.is_high() == is_stored


def test_beacons_of_the_own_network_come_through(wlan: Wlan) -> None:
    low, high = struct.unpack("<IH", ACCESS_POINT)
    wlan.mac.write(wlan.mac.beacon_bssid[0].offset, low)
    wlan.mac.write(wlan.mac.beacon_bssid[1].offset, high)
    wlan.security.receive(frame(0x80, b"\xff" * 6, ACCESS_POINT), -40)
    assert wlan.irq.is_high()


def test_a_ciphered_frame_is_deciphered_and_its_numbers_stay(wlan: Wlan) -> None:
    wlan.set_key(0x100 + 0x20, KEY)
    wlan.set_address(17, ACCESS_POINT)
    wlan.security.write(wlan.security.key_control[17].offset, 0x501)
    plain = frame(0x08, STATION, ACCESS_POINT, ccmp.iv_of(7, 0) + b"hello", flags=0x42)
    assert wlan.security.receive(ccmp.protect(KEY, plain), -40)
    words, content = wlan.received(0)
    assert content == plain
    assert words[4] == 2 << 14


def test_a_frame_to_a_group_takes_the_group_key_of_its_number(wlan: Wlan) -> None:
    wlan.set_key(0x500 + 0x20 * 1, KEY)
    wlan.security.write(wlan.security.control.offset, 0x42)
    plain = frame(0x08, b"\xff" * 6, ACCESS_POINT, ccmp.iv_of(7, 1) + b"hello", flags=0x42)
    wlan.security.receive(ccmp.protect(KEY, plain), -40)
    assert wlan.received(0)[1] == plain


def test_a_frame_with_another_key_is_marked_as_such(wlan: Wlan) -> None:
    wlan.set_address(0, ACCESS_POINT)
    wlan.security.write(wlan.security.key_control[0].offset, 0x500)
    plain = frame(0x08, STATION, ACCESS_POINT, ccmp.iv_of(7, 0) + b"hello", flags=0x42)
    wlan.security.receive(ccmp.protect(KEY, plain), -40)
    assert wlan.received(0)[0][4] >> 8 & 1


def test_rings_that_lead_nowhere_are_told_and_break_nothing(wlan: Wlan) -> None:
    wlan.security.write(wlan.security.data_queue.offset, 0x1234_5678)
    wlan.security.write(wlan.security.receive_queue.offset, 0x1234_5678)
    send(wlan)
    assert not wlan.security.receive(frame(0x08, STATION, ACCESS_POINT), -40)
    assert set(wlan.world.log.names) == {"wlan_security.ring"}
    with pytest.raises(BusError):
        wlan.world.memory.read(0x1234_5678, 4)


def test_descriptors_of_nonsense_break_nothing(wlan: Wlan) -> None:
    chance = random.Random(7)
    for _ in range(2000):
        control = chance.choice((b"\x08\x41", b"\x88\x43", b"\x40\0"))
        header = control + chance.randbytes(chance.randrange(6, 40))
        protection = chance.choice((0, 0b101, 0b011, 0x20 << 4 | 0b101, chance.getrandbits(10)))
        wlan.put_frame(0, header, b"x" * chance.choice((0, 1, 400)), control=protection)
        wlan.write_words(
            SEND_RING + 4 * chance.randrange(6), chance.choice((chance.getrandbits(32), OWNED, 0))
        )
        wlan.write_words(MAC_DESCRIPTORS + 8, chance.getrandbits(32))
        wlan.security.write(0x6D4, SEND_RING)
        wlan.security.write(chance.choice((0x6D8, 0x6E4)), 1)
        wlan.world.clock.advance(20_000 * US)
    assert len(wlan.air.frames) > 100


def test_a_snapshot_holds_the_places_in_the_rings(wlan: Wlan) -> None:
    for number in range(2):
        wlan.put_frame(number, frame(0x08, ACCESS_POINT, STATION), b"%d" % number)
    send(wlan)
    snapshot = wlan.security.save()
    wlan.world.clock.advance(10_000 * US)
    assert len(wlan.air.frames) == 2
    wlan.write_words(SEND_RING + 24, OWNED)
    wlan.security.restore(snapshot)
    wlan.world.clock.advance(10_000 * US)
    assert [sent[24:] for sent in wlan.air.frames] == [b"0", b"1", b"1"]


def test_the_reset_forgets_the_rings(wlan: Wlan) -> None:
    wlan.put_frame(0, frame(0x08, ACCESS_POINT, STATION), b"body")
    wlan.security.write(wlan.security.send_data.offset, 1)
    wlan.security.reset()
    wlan.world.clock.advance(1_000 * US)
    assert not wlan.air.frames


def test_a_soft_ap_sends_its_beacon_with_the_time_in_it(wlan: Wlan) -> None:
    sent: list[bytes] = []
    wlan.mac.transmit = sent.append
    beacon = frame(0x80, b"\xff" * 6, STATION, bytes(8) + b"\x64\x00")
    wlan.write_words(MAC_DESCRIPTORS, 0, 0, len(beacon), 0, 0, 0, 0, 0)
    wlan.world.memory.write(MAC_DESCRIPTORS + 32, beacon)
    wlan.mac.write(wlan.mac.beacon.offset, MAC_DESCRIPTORS)
    wlan.mac.write(wlan.mac.beacon_period.offset, 100)
    wlan.mac.write(wlan.mac.control.offset, 1 << 3)
    wlan.world.clock.advance(102_399 * US)
    assert not sent
    wlan.world.clock.advance(1 * US)
    assert sent == [beacon[:24] + (102_400).to_bytes(8, "little") + b"\x64\x00"]
    wlan.world.clock.advance(102_400 * US)
    assert len(sent) == 2
    wlan.mac.write(wlan.mac.control.offset, 0)
    wlan.world.clock.advance(1_000_000 * US)
    assert len(sent) == 2


def test_no_beacon_goes_out_while_the_radio_is_off_or_the_descriptor_leads_nowhere(wlan: Wlan) -> None:
    sent: list[bytes] = []
    wlan.mac.transmit = sent.append
    wlan.mac.write(wlan.mac.control.offset, 1 << 3)
    wlan.world.clock.advance(110_000 * US)
    assert wlan.world.log.names == ["wlan_mac.beacon"]
    wlan.mac.write(wlan.mac.radio_control.offset, 0)
    wlan.mac.write(wlan.mac.beacon.offset, MAC_DESCRIPTORS)
    wlan.world.clock.advance(110_000 * US)
    assert not sent
