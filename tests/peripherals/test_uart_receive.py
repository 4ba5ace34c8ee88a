"""One UART alone: receiving."""

import pytest
from support.environment import FakeWorld
from support.line import FakeLine
from support.uart_wire import (
    BYTE_NS,
    ENABLED_8N1,
    FRAME_ERROR,
    OVERRUN,
    PARITY_ERROR,
    RX_LEVEL,
    RX_TIMEOUT,
    Wire,
    wire_of,
)


@pytest.fixture
def wire(world: FakeWorld) -> Wire:
    return wire_of(world)


def test_received_bytes_wait_in_order(wire: Wire) -> None:
    wire.uart.receive(0x31)
    wire.uart.receive(0x32)
    assert wire.rx_count == 2
    assert (wire.read(), wire.read(), wire.read()) == (0x31, 0x32, 0)


def test_a_byte_received_while_disabled_is_dropped(wire: Wire) -> None:
    wire.uart.write(wire.uart.line_control.offset, ENABLED_8N1 & ~(1 << 7))
    wire.uart.receive(0x31)
    assert wire.rx_count == 0


def test_the_receive_level_interrupts_at_the_sixteenth_byte(wire: Wire) -> None:
    wire.unmask(RX_LEVEL)
    for byte in range(15):
        wire.uart.receive(byte)
    assert not wire.irq.is_high()
    wire.uart.receive(15)
    assert wire.acknowledge() == RX_LEVEL
    wire.read()
    assert not wire.irq.is_high()


def test_a_handler_that_takes_a_byte_at_a_time_gets_all_of_them(wire: Wire) -> None:
    wire.uart.write(wire.uart.fifo_control.offset, 0)
    wire.unmask(RX_LEVEL)
    for byte in b"abc":
        wire.uart.receive(byte)
    taken = []
    while wire.irq.is_high():
        wire.acknowledge()
        taken.append(wire.read())
    assert bytes(taken) == b"abc"
    for byte in b"de":
        wire.uart.receive(byte)
    taken.clear()
    while wire.irq.is_high():
        taken.append(wire.read())
        wire.acknowledge()
    assert bytes(taken) == b"de"


def test_clearing_the_receive_fifo_takes_its_level_back(wire: Wire) -> None:
    wire.uart.write(wire.uart.fifo_control.offset, 0)
    wire.unmask(RX_LEVEL)
    wire.uart.receive(1)
    wire.uart.write(wire.uart.fifo_control.offset, 2)
    assert not wire.irq.is_high()


def test_silence_of_four_characters_raises_the_timeout(wire: Wire) -> None:
    wire.unmask(RX_TIMEOUT)
    wire.uart.receive(1)
    wire.advance(2 * BYTE_NS)
    wire.uart.receive(2)
    wire.advance(4 * BYTE_NS - 1)
    assert not wire.irq.is_high()
    wire.advance(1)
    assert wire.acknowledge() == RX_TIMEOUT
    wire.advance(100 * BYTE_NS)
    assert not wire.irq.is_high()


def test_the_timeout_comes_even_if_the_fifo_was_emptied_by_then(wire: Wire) -> None:
    wire.unmask(RX_TIMEOUT)
    wire.uart.receive(1)
    wire.read()
    wire.advance(4 * BYTE_NS)
    assert wire.irq.is_high()


def test_a_disabled_timeout_stays_away(wire: Wire) -> None:
    wire.uart.write(wire.uart.dma_control.offset, 0)
    wire.uart.receive(1)
    wire.advance(100 * BYTE_NS)
    assert wire.acknowledge() == 0


def test_a_byte_that_finds_the_fifo_full_is_an_overrun(wire: Wire) -> None:
    wire.unmask(OVERRUN)
    for byte in range(32):
        wire.uart.receive(byte)
    assert not wire.irq.is_high()
    wire.uart.receive(99)
    assert wire.irq.is_high()
    assert [wire.read() for _ in range(33)] == [*range(32), 0]


def test_fed_bytes_arrive_at_line_rate(wire: Wire) -> None:
    wire.uart.feed(b"ab")
    wire.advance(BYTE_NS - 1)
    assert wire.rx_count == 0
    wire.advance(1)
    assert (wire.rx_count, wire.uart.queued) == (1, 1)
    wire.advance(BYTE_NS)
    assert (wire.rx_count, wire.uart.queued) == (2, 0)


def test_fed_bytes_wait_for_room(wire: Wire) -> None:
    wire.uart.feed(bytes(range(40)))
    wire.advance(100 * BYTE_NS)
    assert (wire.rx_count, wire.uart.queued) == (32, 8)
    received = [wire.read() for _ in range(32)]
    wire.advance(8 * BYTE_NS)
    received += [wire.read() for _ in range(8)]
    assert received == list(range(40))
    assert wire.acknowledge() & OVERRUN == 0


def test_fed_bytes_wait_for_the_receiver(wire: Wire) -> None:
    wire.uart.write(wire.uart.line_control.offset, 0)
    wire.uart.feed(b"x")
    wire.advance(10 * BYTE_NS)
    wire.uart.write(wire.uart.line_control.offset, ENABLED_8N1)
    wire.advance(BYTE_NS)
    assert wire.read() == ord("x")


def test_fed_bytes_wait_when_the_receiver_is_switched_off_on_their_way(wire: Wire) -> None:
    wire.uart.feed(b"x")
    wire.uart.write(wire.uart.line_control.offset, 0)
    wire.advance(10 * BYTE_NS)
    assert wire.uart.queued == 1


def test_the_receive_fifo_reset_drops_what_is_there(wire: Wire) -> None:
    wire.uart.receive(1)
    wire.uart.write(wire.uart.fifo_control.offset, 2)
    assert (wire.rx_count, wire.read()) == (0, 0)


def test_the_dma_is_asked_to_take_what_was_received(wire: Wire) -> None:
    request = wire.uart.rx_request = FakeLine()
    wire.uart.write(wire.uart.dma_control.offset, 2)
    assert not request.is_high()
    wire.uart.receive(1)
    assert request.is_high()
    wire.read()
    assert not request.is_high()


def test_bytes_that_wait_for_room_come_in_once_the_fifo_is_reset(wire: Wire) -> None:
    wire.uart.feed(bytes(range(33)))
    wire.advance(40 * BYTE_NS)
    assert (wire.rx_count, wire.uart.queued) == (32, 1)
    wire.uart.write(wire.uart.fifo_control.offset, 1 << 1)
    wire.advance(BYTE_NS)
    assert (wire.rx_count, wire.read()) == (1, 32)


def test_a_bad_frame_is_flagged_when_it_has_arrived_behind_those_before(wire: Wire) -> None:
    wire.unmask(FRAME_ERROR | PARITY_ERROR)
    wire.uart.feed(b"ab")
    wire.uart.feed(b"c", FRAME_ERROR)
    wire.uart.feed(b"d", PARITY_ERROR)
    wire.advance(2 * BYTE_NS)
    assert not wire.irq.is_high()
    wire.advance(BYTE_NS)
    assert wire.irq.is_high()
    assert wire.acknowledge() & (FRAME_ERROR | PARITY_ERROR) == FRAME_ERROR
    wire.advance(BYTE_NS)
    assert wire.acknowledge() & (FRAME_ERROR | PARITY_ERROR) == PARITY_ERROR
    assert bytes(wire.read() for _ in range(4)) == b"abcd"


def test_software_that_takes_what_is_on_its_way_gets_the_bytes_of_bad_frames(wire: Wire) -> None:
    wire.uart.feed(b"a")
    wire.uart.feed(b"b", FRAME_ERROR)
    assert wire.uart.take(2)[0] == b"ab"
