"""The SPI master alone. Divider 9 at 40 MHz: 20 clocks a bit, 500 ns; a word of four bytes 16 us."""

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.framework.reset import ResetCause
from peripherals.spi import FIFO_DEPTH, Spi

WORD_NS = 32 * 500
START, CLEAR, RX, TX = 1, 1 << 22, 1 << 20, 1 << 19
BUSY = 1 << 12
DONE, RX_UNDERRUN, TX_OVERRUN, TX_UNDERRUN, RX_READY, TX_READY = 0x40, 0x10, 0x08, 0x04, 0x02, 0x01
TX_DMA, RX_DMA = 1, 2


@pytest.fixture
def irq() -> FakeLine:
    return FakeLine()


@pytest.fixture
def spi(world: FakeWorld, irq: FakeLine) -> Spi:
    spi = Spi("spi", world.environment, irq)
    spi.reset()
    spi.write(spi.clock.offset, 9)
    return spi


def send(spi: Spi, *words: int) -> None:
    for word in words:
        spi.write(spi.tx_data.offset, word)


def start(spi: Spi, size_bytes: int, bits: int = TX | RX) -> None:
    spi.write(spi.channel.offset, START | size_bytes * 8 << 3 | bits)


def status(spi: Spi) -> int:
    return spi.read(spi.status.offset)


def received(spi: Spi) -> int:
    return spi.read(spi.rx_data.offset)


def flags(spi: Spi) -> int:
    return spi.read(spi.interrupt_status.offset)


def test_nothing_connected_answers_zeros_when_the_bits_are_out(world: FakeWorld, spi: Spi) -> None:
    send(spi, 0x1122_3344, 0x5566_7788)
    start(spi, 8)
    world.clock.advance(2 * WORD_NS - 1)
    assert status(spi) & BUSY
    world.clock.advance(1)
    assert status(spi) == 8 << 6
    assert (received(spi), received(spi), status(spi)) == (0, 0, 0)


def test_the_low_byte_goes_first_and_a_rest_is_the_low_bytes(world: FakeWorld, spi: Spi) -> None:
    sent = bytearray()
    spi.exchange = lambda data: sent.extend(data) or bytes(byte ^ 0xFF for byte in data)  # type: ignore[func-returns-value]
    send(spi, 0x0403_0201, 0x0006_0005)
    start(spi, 5)
    world.clock.advance(WORD_NS + WORD_NS // 4)
    assert sent == bytes([1, 2, 3, 4, 5])
    assert (received(spi), received(spi)) == (0xFBFC_FDFE, 0x0000_00FA)


def test_big_endian_begins_at_the_high_byte(world: FakeWorld, spi: Spi) -> None:
    sent = bytearray()
    spi.exchange = lambda data: sent.extend(data) or bytes(data)  # type: ignore[func-returns-value]
    spi.write(spi.config.offset, 0xC)
    send(spi, 0x0403_0201, 0x0600_0000)
    start(spi, 5)
    world.clock.advance(2 * WORD_NS)
    assert sent == bytes([4, 3, 2, 1, 6])
    assert (received(spi), received(spi)) == (0x0403_0201, 0x0600_0000)


def test_without_data_zeros_go_out_and_the_answer_is_received(world: FakeWorld, spi: Spi) -> None:
    sent = bytearray()
    spi.exchange = lambda data: sent.extend(data) or b"\x5a" * len(data)  # type: ignore[func-returns-value]
    start(spi, 4)
    world.clock.advance(WORD_NS)
    assert (bytes(sent), received(spi), flags(spi) & TX_UNDERRUN) == (bytes(4), 0x5A5A_5A5A, TX_UNDERRUN)


def test_reception_waits_for_room(world: FakeWorld, spi: Spi) -> None:
    start(spi, 2 * FIFO_DEPTH, RX)
    world.clock.advance(100 * WORD_NS)
    assert status(spi) == BUSY | FIFO_DEPTH << 6
    received(spi)
    world.clock.advance(WORD_NS)
    assert status(spi) == BUSY | FIFO_DEPTH << 6


def test_the_end_interrupts_until_acknowledged(world: FakeWorld, spi: Spi, irq: FakeLine) -> None:
    spi.write(spi.interrupt_mask.offset, 0xFF & ~DONE)
    send(spi, 1)
    start(spi, 4)
    world.clock.advance(WORD_NS - 1)
    assert not irq.is_high()
    world.clock.advance(1)
    assert irq.is_high()
    spi.write(spi.interrupt_status.offset, DONE)
    assert not irq.is_high()


def test_the_fifos_tell_that_they_reach_their_levels(world: FakeWorld, spi: Spi) -> None:
    spi.write(spi.mode.offset, 1 << 6 | 1 << 2)
    send(spi, 1, 2, 3)
    start(spi, 12)
    assert not flags(spi) & TX_READY
    world.clock.advance(WORD_NS)
    assert flags(spi) & (TX_READY | RX_READY) == TX_READY
    world.clock.advance(WORD_NS)
    assert flags(spi) & RX_READY


def test_a_full_and_an_empty_fifo_are_told(spi: Spi) -> None:
    send(spi, *range(FIFO_DEPTH // 4))
    assert not flags(spi)
    send(spi, 0)
    received(spi)
    assert flags(spi) == TX_OVERRUN | RX_UNDERRUN


def test_clearing_empties_both(world: FakeWorld, spi: Spi) -> None:
    send(spi, 1, 2)
    start(spi, 4)
    world.clock.advance(WORD_NS)
    spi.write(spi.channel.offset, CLEAR)
    assert status(spi) == 0
    assert spi.read(spi.channel.offset) & (CLEAR | START) == 0


def test_skipped_bits_are_not_kept(world: FakeWorld, spi: Spi) -> None:
    spi.exchange = lambda data: bytes([1, 2, 3, 4])
    send(spi, 0)
    start(spi, 4, TX | RX | 16 << 23)
    world.clock.advance(WORD_NS)
    assert (status(spi) >> 6, received(spi)) == (2, 0x0403)


def test_a_slave_without_a_master_does_nothing(world: FakeWorld, spi: Spi) -> None:
    spi.write(spi.config.offset, 0)
    send(spi, 1)
    start(spi, 4)
    world.clock.advance(WORD_NS)
    assert status(spi) == 4


def test_dma_is_asked_for_data_and_to_take_some(world: FakeWorld, spi: Spi) -> None:
    tx_request, rx_request = FakeLine(), FakeLine()
    spi.tx_request, spi.rx_request = tx_request, rx_request
    spi.write(spi.mode.offset, TX_DMA | RX_DMA)
    assert tx_request.is_high()
    send(spi, 1)
    assert not tx_request.is_high()
    start(spi, 4)
    assert tx_request.is_high()
    world.clock.advance(WORD_NS)
    assert rx_request.is_high()
    received(spi)
    assert not rx_request.is_high()


def test_a_snapshot_goes_on_shifting(world: FakeWorld, spi: Spi) -> None:
    send(spi, 1)
    start(spi, 4)
    snapshot = spi.save()
    spi.reset(ResetCause.SOFTWARE)
    assert status(spi) == 0
    spi.restore(snapshot)
    world.clock.advance(WORD_NS)
    assert status(spi) == 4 << 6
