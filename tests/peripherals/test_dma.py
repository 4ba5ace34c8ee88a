from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.dma import Dma, Request
from peripherals.dma_transfer import Pointer, Step, Transfer, Unit
from peripherals.framework.environment import Environment, Line
from peripherals.framework.errors import BusError

RAM = 0x2000_0000
SOURCE, RESULT, CHAIN = RAM, RAM + 0x4000, RAM + 0x8000
START, STOP = 1, 2
BY_REQUEST, CHAINED, FOLLOW = 1, 2, 1 << 6
INCREMENT_BOTH, WRAP_BOTH = 0b01010, 0b11110
SERIAL_DATA = 0x4001_0620


class Serial:
    """A peripheral with a data register and a request line, on a bus with RAM."""

    def __init__(self, world: FakeWorld) -> None:
        self.ram = world.memory
        self.sent = bytearray()
        self.incoming = bytearray()
        self.room = 0
        self.request: Line = lambda level: None

    def read(self, address: int, size_bytes: int) -> bytes:
        if address != SERIAL_DATA:
            return self.ram.read(address, size_bytes)
        byte = self.incoming.pop(0)
        self.request(bool(self.incoming))
        return bytes((byte,))

    def write(self, address: int, data: bytes) -> None:
        if address != SERIAL_DATA:
            self.ram.write(address, data)
            return
        assert len(data) == 1
        self.sent += data
        self.room -= 1
        self.request(self.room > 0)

    def make_room(self, size_bytes: int) -> None:
        self.room += size_bytes
        self.request(True)

    def arrive(self, data: bytes) -> None:
        self.incoming += data
        self.request(True)


class Controller:
    """A DMA controller in a fake world, driven through its registers."""

    def __init__(self, world: FakeWorld) -> None:
        self.world = world
        self.serial = Serial(world)
        self.irqs = [FakeLine() for _ in range(5)]
        self.ram = world.memory
        environment = Environment(world.clock, self.serial, world.frequencies, world.log)
        self.dma = Dma("dma", environment, self.irqs)

    def offset(self, register: str, channel: int) -> int:
        return Dma.slots[register].offsets[channel]

    def set(self, channel: int, **registers: int) -> None:
        for name, value in registers.items():
            self.dma.write(self.offset(name, channel), value)

    def get(self, register: str, channel: int = 0) -> int:
        return self.dma.read(self.offset(register, channel))

    def copy(self, channel: int, size_bytes: int, options: int = INCREMENT_BOTH) -> None:
        self.set(
            channel,
            source=SOURCE,
            destination=RESULT,
            stream=size_bytes << 8 | options,
            channel_control=START,
        )

    def describe(self, address: int, destination: int, size_bytes: int, following: int) -> None:
        """Store a valid descriptor, from SOURCE (fixed address and bytes for the serial port)."""
        control = size_bytes << 7 | Step.INCREMENT << 2 | Step.INCREMENT
        self.ram.write(address, struct.pack("<5I", 1 << 31, control, SOURCE, destination, following))

    def interrupts(self) -> list[bool]:
        return [irq.level for irq in self.irqs]


@pytest.fixture
def controller(world: FakeWorld) -> Controller:
    controller = Controller(world)
    controller.dma.write(Dma.slots["interrupt_mask"].offset, 0)
    controller.ram.write(SOURCE, bytes(range(256)))
    return controller


def test_a_copy_moves_its_bytes_when_its_time_is_up(controller: Controller) -> None:
    controller.copy(0, 200)
    assert controller.get("channel_control") == START
    controller.world.clock.advance(9_999)
    assert controller.ram.read(RESULT, 200) == bytes(200)
    controller.world.clock.advance(1)
    assert controller.ram.read(RESULT, 201) == bytes(range(200)) + b"\x00"
    assert controller.get("channel_control") == 0
    assert controller.get("status") == 200
    assert controller.get("current_destination") == RESULT + 200


def test_words_are_faster_than_bytes(controller: Controller) -> None:
    controller.copy(0, 200, INCREMENT_BOTH | Unit.WORD << 5)
    controller.world.clock.advance(2_500)
    assert controller.get("channel_control") == 0
    assert controller.ram.read(RESULT, 200) == bytes(range(200))


def test_a_poll_sees_the_end_even_before_the_alarm(controller: Controller) -> None:
    controller.copy(3, 4)
    controller.world.clock.jump(200)
    assert controller.get("channel_control", 3) == 0
    assert controller.get("interrupt_status") == 0b11 << 6


def test_a_stopped_copy_has_moved_nothing(controller: Controller) -> None:
    controller.copy(0, 200)
    controller.set(0, channel_control=STOP)
    assert controller.get("channel_control") == 0
    controller.world.clock.advance(1_000_000)
    assert controller.ram.read(RESULT, 1) == b"\x00"
    assert controller.get("interrupt_status") == 0


def test_a_copy_of_nothing_does_not_start(controller: Controller) -> None:
    controller.copy(0, 0)
    assert controller.get("channel_control") == 0


@pytest.mark.parametrize("channel", range(8))
def test_each_channel_interrupts_on_its_line_until_cleared(controller: Controller, channel: int) -> None:
    controller.copy(channel, 4)
    controller.world.clock.advance(1_000)
    assert controller.interrupts() == [index == min(channel, 4) for index in range(5)]
    controller.dma.write(Dma.slots["interrupt_status"].offset, 0b11 << 2 * channel)
    assert controller.interrupts() == [False] * 5


def test_masked_interrupts_stay_in_the_status(controller: Controller) -> None:
    controller.dma.write(Dma.slots["interrupt_mask"].offset, 0xFFFF)
    controller.copy(0, 4)
    controller.world.clock.advance(1_000)
    assert controller.interrupts() == [False] * 5
    assert controller.get("interrupt_status") == 0b11
    controller.dma.write(Dma.slots["interrupt_mask"].offset, 0b01)
    assert controller.interrupts() == [True, False, False, False, False]


def test_a_ring_begins_at_its_start_and_wraps(controller: Controller) -> None:
    controller.set(1, source_ring=SOURCE + 3, destination_ring=RESULT, ring_size=4 << 16 | 6)
    controller.set(1, stream=10 << 8 | WRAP_BOTH, channel_control=START)
    controller.world.clock.advance(1_000)
    assert controller.ram.read(RESULT, 6) == bytes((5, 6, 3, 4, 0, 0))


def test_a_fixed_source_fills_memory(controller: Controller) -> None:
    controller.set(0, source=SOURCE + 7, destination=RESULT)
    controller.set(0, stream=4 << 8 | Step.INCREMENT << 3, channel_control=START)
    controller.world.clock.advance(1_000)
    assert controller.ram.read(RESULT, 5) == b"\x07\x07\x07\x07\x00"


@pytest.mark.parametrize(("distance", "unit"), [(1, 0), (4, 2 << 5), (6, 1 << 5)])
def test_a_copy_onto_its_own_source_further_up_repeats_what_is_between(
    controller: Controller, distance: int, unit: int
) -> None:
    controller.ram.write(SOURCE, b"abcdefgh")
    controller.set(0, source=SOURCE, destination=SOURCE + distance, stream=INCREMENT_BOTH | unit | 24 << 8)
    controller.set(0, channel_control=START)
    controller.world.clock.advance(1_000_000)
    assert controller.ram.read(SOURCE, 24 + distance) == (b"abcdefgh"[:distance] * 30)[: 24 + distance]


def test_reload_begins_again_and_again(controller: Controller) -> None:
    controller.copy(0, 4, INCREMENT_BOTH | 1)
    controller.world.clock.advance(200)
    controller.ram.write(SOURCE, b"next")
    assert controller.get("channel_control") == START
    controller.world.clock.advance(200)
    assert controller.ram.read(RESULT, 4) == b"next"
    controller.set(0, channel_control=STOP)
    assert controller.get("channel_control") == 0


def test_a_chain_is_followed_and_its_descriptors_are_handed_back(controller: Controller) -> None:
    controller.describe(CHAIN, RESULT, 4, CHAIN + 32)
    controller.describe(CHAIN + 32, RESULT + 8, 2, 0)
    controller.set(2, mode=CHAINED | FOLLOW, descriptor=CHAIN, channel_control=START)
    controller.world.clock.advance(1_000)
    assert controller.ram.read(RESULT, 11) == b"\x00\x01\x02\x03\x00\x00\x00\x00\x00\x01\x00"
    assert controller.ram.read(CHAIN, 4) + controller.ram.read(CHAIN + 32, 4) == bytes(8)
    assert controller.get("channel_control", 2) == 0


@pytest.mark.parametrize("mode", [CHAINED, CHAINED | FOLLOW])
def test_a_chain_ends_unless_linked_to_a_valid_descriptor(controller: Controller, mode: int) -> None:
    controller.describe(CHAIN, RESULT, 4, CHAIN + 32)
    if not mode & FOLLOW:
        controller.describe(CHAIN + 32, RESULT + 8, 4, 0)
    controller.set(0, mode=mode, descriptor=CHAIN, channel_control=START)
    controller.world.clock.advance(10_000)
    assert controller.ram.read(RESULT, 12) == b"\x00\x01\x02\x03" + bytes(8)
    assert controller.get("channel_control") == 0


def test_a_chain_without_a_valid_descriptor_does_not_start(controller: Controller) -> None:
    controller.set(0, mode=CHAINED, descriptor=CHAIN, channel_control=START)
    assert controller.get("channel_control") == 0


def test_a_serial_port_is_sent_bytes_as_it_asks_for_them(controller: Controller) -> None:
    controller.serial.request = controller.dma.request_line(Request.UART_TX, uart=1)
    controller.dma.write(Dma.slots["uart_select"].offset, 1)
    controller.set(0, source=SOURCE, destination=SERIAL_DATA, mode=BY_REQUEST | Request.UART_TX << 2)
    controller.set(0, stream=10 << 8 | Step.INCREMENT << 1, channel_control=START)
    assert controller.serial.sent == b""
    controller.serial.make_room(4)
    assert controller.serial.sent == bytes(range(4))
    assert controller.get("status") == 4
    assert controller.get("interrupt_status") == 0b01
    controller.serial.make_room(32)
    assert controller.serial.sent == bytes(range(10))
    assert controller.get("interrupt_status") == 0b11
    assert controller.get("channel_control") == 0


def test_a_request_that_is_already_there_is_served_at_the_start(controller: Controller) -> None:
    controller.serial.request = controller.dma.request_line(Request.I2S_TX)
    controller.serial.make_room(32)
    controller.set(5, source=SOURCE, destination=SERIAL_DATA, mode=BY_REQUEST | Request.I2S_TX << 2)
    controller.set(5, stream=3 << 8 | Step.INCREMENT << 1, channel_control=START)
    assert controller.serial.sent == bytes(range(3))
    assert controller.interrupts()[4]


def test_only_the_selected_uart_is_served(controller: Controller) -> None:
    controller.serial.request = controller.dma.request_line(Request.UART_TX, uart=2)
    controller.set(0, source=SOURCE, destination=SERIAL_DATA, mode=BY_REQUEST | Request.UART_TX << 2)
    controller.set(0, stream=2 << 8 | Step.INCREMENT << 1, channel_control=START)
    controller.serial.make_room(32)
    assert controller.serial.sent == b""
    controller.dma.write(Dma.slots["uart_select"].offset, 2)
    assert controller.serial.sent == bytes(range(2))


def test_a_ring_of_descriptors_receives_until_one_is_not_free(controller: Controller) -> None:
    control = 3 << 7 | Step.INCREMENT << 2
    for address, destination, following in ((CHAIN, RESULT, CHAIN + 32), (CHAIN + 32, RESULT + 8, CHAIN)):
        controller.ram.write(
            address, struct.pack("<5I", 1 << 31, control, SERIAL_DATA, destination, following)
        )
    controller.serial.request = controller.dma.request_line(Request.UART_RX)
    controller.set(0, mode=BY_REQUEST | CHAINED | FOLLOW | Request.UART_RX << 2, descriptor=CHAIN)
    controller.set(0, channel_control=START)
    controller.serial.arrive(b"abcd")
    assert controller.get("status") == 1
    controller.serial.arrive(b"efgh")
    assert controller.ram.read(RESULT, 11) == b"abc\x00\x00\x00\x00\x00def"
    assert controller.serial.incoming == b"gh"
    assert controller.get("channel_control") == 0


def test_a_bus_error_stops_the_channel_and_is_reported(controller: Controller) -> None:
    controller.set(0, source=0x6000_0000, destination=RESULT, stream=4 << 8 | INCREMENT_BOTH)
    controller.set(0, channel_control=START)
    controller.world.clock.advance(1_000)
    assert controller.get("channel_control") == 0
    assert controller.world.log.entries == [
        ("dma.channel[0]", "stopped by a bus error at 0x60000000: nothing answers there")
    ]


def test_an_unreadable_descriptor_is_reported(controller: Controller) -> None:
    controller.set(0, mode=CHAINED, descriptor=0x6000_0000, channel_control=START)
    assert controller.get("channel_control") == 0
    assert controller.world.log.names == ["dma.descriptor[0]"]


def test_the_driver_may_clear_a_whole_channel_bytewise(controller: Controller) -> None:
    controller.copy(0, 4)
    controller.world.clock.advance(1_000)
    for offset in range(0x10, 0x40):
        controller.dma.write(offset, 0, 1)
    assert controller.get("source") == 0
    assert controller.get("stream") == 0
    assert controller.world.log.entries == []


def test_a_reset_stops_every_channel(controller: Controller) -> None:
    controller.copy(0, 4)
    controller.dma.reset()
    controller.world.clock.advance(1_000)
    assert controller.ram.read(RESULT, 4) == bytes(4)
    assert controller.interrupts() == [False] * 5


def test_a_snapshot_restores_running_channels(controller: Controller) -> None:
    controller.copy(0, 4)
    snapshot = controller.dma.save()
    controller.dma.reset()
    controller.dma.restore(snapshot)
    assert controller.get("channel_control") == START
    controller.world.clock.advance(200)
    assert controller.ram.read(RESULT, 4) == bytes(range(4))


@given(
    size_bytes=st.integers(1, 60),
    burst=st.integers(1, 9),
    source_ring=st.integers(1, 20),
    destination_ring=st.integers(1, 20),
)
def test_rings_move_like_a_byte_by_byte_loop(
    size_bytes: int, burst: int, source_ring: int, destination_ring: int
) -> None:
    memory = FakeWorld().memory
    memory.write(SOURCE, bytes(range(1, 21)))
    transfer = Transfer(
        Pointer(0, Step.WRAP, SOURCE, source_ring),
        Pointer(0, Step.WRAP, RESULT, destination_ring),
        Unit.BYTE,
        size_bytes,
    )
    while transfer.left_bytes:
        transfer.move(memory, burst)
    expected = bytearray(20)
    for index in range(size_bytes):
        expected[index % destination_ring] = index % source_ring + 1
    assert memory.read(RESULT, 20) == expected
    assert transfer.moved_bytes == size_bytes


def test_a_failed_move_tells_the_address() -> None:
    transfer = Transfer(
        Pointer(SOURCE, Step.INCREMENT, 0, 0), Pointer(0x10, Step.INCREMENT, 0, 0), Unit.WORD, 4
    )
    with pytest.raises(BusError, match="0x00000010"):
        transfer.move(FakeWorld().memory, 4)


def test_a_peripheral_may_take_words_ahead_but_not_the_last_ones(controller: Controller) -> None:
    words = Unit.WORD << 5 | Step.INCREMENT << 1
    controller.set(0, source=SOURCE, destination=SERIAL_DATA, mode=BY_REQUEST | Request.LSPI_TX << 2)
    controller.set(0, stream=200 << 8 | words, channel_control=START)
    taken = [controller.dma.take_ahead(Request.LSPI_TX, 100) for _ in range(4)]
    assert [len(data) for data in taken] == [96, 48, 0, 0]
    assert b"".join(taken) == bytes(range(144))
    assert (controller.get("status"), controller.get("interrupt_status")) == (144, 0b01)
    assert controller.dma.take_ahead(Request.I2S_TX, 100) == b""


def test_bytes_are_not_taken_ahead(controller: Controller) -> None:
    controller.set(0, source=SOURCE, destination=SERIAL_DATA, mode=BY_REQUEST | Request.LSPI_TX << 2)
    controller.set(0, stream=200 << 8 | Step.INCREMENT << 1, channel_control=START)
    assert controller.dma.take_ahead(Request.LSPI_TX, 100) == b""
