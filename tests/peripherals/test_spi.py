"""SPI as the SDK's driver uses it, with nothing on its wires."""

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.framework.reset import ResetCause
from peripherals.spi import Spi

START, TRANSMIT, RECEIVE, CLEAR_FIFO = 1, 1 << 19, 1 << 20, 1 << 22
SEND_READY, RECEIVE_READY, DONE = 1 << 0, 1 << 1, 1 << 6
BUSY = 1 << 12
BIT_NS = 500  # 40 MHz by 2 * (9 + 1)


@pytest.fixture
def irq() -> FakeLine:
    return FakeLine()


@pytest.fixture
def spi(world: FakeWorld, irq: FakeLine) -> Spi:
    block = Spi("spi", world.environment, irq)
    block.reset(ResetCause.POWER_ON)
    block.write(block.clock.offset, 9)
    return block


def start(spi: Spi, bits: int, channels: int) -> None:
    spi.write(spi.channel.offset, bits << 3 | channels | START)


def levels(spi: Spi) -> tuple[int, int]:
    """Bytes to be sent, and received."""
    status = spi.read(spi.status.offset)
    return status & 0x3F, status >> 6 & 0x3F


def test_a_transfer_takes_its_bits(world: FakeWorld, spi: Spi) -> None:
    start(spi, 80, TRANSMIT | RECEIVE)
    world.clock.advance(80 * BIT_NS - 1)
    assert spi.read(spi.status.offset) & BUSY
    assert spi.read(spi.channel.offset) & START
    world.clock.advance(1)
    assert not spi.read(spi.status.offset) & BUSY
    assert not spi.read(spi.channel.offset) & START


def test_as_many_bytes_are_received_and_all_are_ones(world: FakeWorld, spi: Spi) -> None:
    start(spi, 6 * 8, TRANSMIT | RECEIVE)
    world.clock.advance(6 * 8 * BIT_NS)
    assert levels(spi) == (0, 6)
    words = [spi.read(spi.received_data.offset) for _ in range(2)]
    assert words == [0xFFFF_FFFF, 0xFFFF]
    assert levels(spi) == (0, 0)


def test_words_are_taken_out_of_the_fifo_as_they_are_sent(world: FakeWorld, spi: Spi) -> None:
    for word in range(3):
        spi.write(spi.send_data.offset, word)
    start(spi, 3 * 32, TRANSMIT)
    assert levels(spi) == (12, 0)
    world.clock.advance(32 * BIT_NS)
    assert levels(spi) == (8, 0)
    world.clock.advance(64 * BIT_NS)
    assert levels(spi) == (0, 0)


def test_both_fifos_can_be_cleared(world: FakeWorld, spi: Spi) -> None:
    start(spi, 32, RECEIVE)
    world.clock.advance(32 * BIT_NS)
    spi.write(spi.send_data.offset, 1)
    assert levels(spi) == (4, 4)
    spi.write(spi.channel.offset, CLEAR_FIFO)
    assert levels(spi) == (0, 0)
    assert spi.read(spi.channel.offset) == 0


def test_the_end_interrupts_unless_masked(world: FakeWorld, spi: Spi, irq: FakeLine) -> None:
    start(spi, 32, RECEIVE)
    world.clock.advance(32 * BIT_NS)
    assert spi.read(spi.interrupt_status.offset) == DONE | SEND_READY | RECEIVE_READY
    assert not irq.is_high()
    spi.write(spi.interrupt_mask.offset, 0xFF & ~DONE)
    assert irq.is_high()
    spi.write(spi.interrupt_status.offset, DONE)
    assert not irq.is_high()


def test_the_dma_is_asked_for_words_while_there_is_room(world: FakeWorld, spi: Spi) -> None:
    send, receive = FakeLine(), FakeLine()
    spi.send_request, spi.receive_request = send, receive
    spi.write(spi.mode.offset, 3)
    assert not send.is_high()
    start(spi, 64, TRANSMIT | RECEIVE)
    assert send.is_high()
    assert not receive.is_high()
    for _ in range(8):
        spi.write(spi.send_data.offset, 0)
    assert not send.is_high()
    world.clock.advance(32 * BIT_NS)
    assert send.is_high()
    assert receive.is_high()
    spi.read(spi.received_data.offset)
    assert not receive.is_high()
    world.clock.advance(32 * BIT_NS)
    assert not send.is_high()


def test_a_snapshot_holds_the_transfer(world: FakeWorld, spi: Spi) -> None:
    start(spi, 64, RECEIVE)
    world.clock.advance(40 * BIT_NS)
    snapshot = spi.save()
    spi.reset(ResetCause.SOFTWARE)
    world.clock.advance(100 * BIT_NS)
    assert levels(spi) == (0, 0)
    world.clock.now_ns -= 100 * BIT_NS
    spi.restore(snapshot)
    world.clock.advance(24 * BIT_NS)
    assert levels(spi) == (0, 8)
    assert spi.read(spi.interrupt_status.offset) & DONE
