"""The SPI master alone. Divider 9 at 40 MHz: 20 clocks a bit, 500 ns; a word of four bytes 16 us."""

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.framework.reset import ResetCause
from peripherals.spi import FIFO_DEPTH, Spi

WORD_NS = 32 * 500
START, CLEAR, CONTINUOUS, RX, TX = 1, 1 << 22, 1 << 21, 1 << 20, 1 << 19
BUSY = 1 << 12
SLAVE = 0
DONE, RX_OVERRUN, RX_UNDERRUN, TX_OVERRUN, TX_UNDERRUN, RX_READY, TX_READY = (
    0x40,
    0x20,
    0x10,
    0x08,
    0x04,
    0x02,
    0x01,
)
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


def test_without_data_a_continuous_transfer_sends_zeros(world: FakeWorld, spi: Spi) -> None:
    sent = bytearray()
    spi.exchange = lambda data: sent.extend(data) or b"\x5a" * len(data)  # type: ignore[func-returns-value]
    start(spi, 4, TX | RX | CONTINUOUS)
    world.clock.advance(WORD_NS)
    assert (bytes(sent), received(spi), flags(spi) & TX_UNDERRUN) == (bytes(4), 0x5A5A_5A5A, 0)


def test_without_data_any_other_transfer_waits_for_some(world: FakeWorld, spi: Spi) -> None:
    sent = bytearray()
    spi.exchange = lambda data: sent.extend(data) or data  # type: ignore[func-returns-value]
    start(spi, 8, TX)
    world.clock.advance(100 * WORD_NS)
    assert (bytes(sent), status(spi), flags(spi)) == (b"", BUSY, TX_UNDERRUN | TX_READY)
    send(spi, 0x0403_0201)
    world.clock.advance(WORD_NS)
    assert (bytes(sent), status(spi)) == (bytes([1, 2, 3, 4]), BUSY)


def test_running_dry_is_told_once_each_time(world: FakeWorld, spi: Spi) -> None:
    send(spi, 1)
    start(spi, 12, TX)
    world.clock.advance(WORD_NS - 1)
    assert not flags(spi) & TX_UNDERRUN
    world.clock.advance(1)
    assert flags(spi) & TX_UNDERRUN
    spi.write(spi.interrupt_status.offset, TX_UNDERRUN)
    received(spi)
    assert not flags(spi) & TX_UNDERRUN
    send(spi, 2)
    world.clock.advance(WORD_NS)
    assert flags(spi) & TX_UNDERRUN


def test_what_does_not_send_needs_no_data(world: FakeWorld, spi: Spi) -> None:
    start(spi, 4, RX)
    world.clock.advance(WORD_NS)
    assert (status(spi), flags(spi) & TX_UNDERRUN) == (4 << 6, 0)


def test_reception_waits_for_room(world: FakeWorld, spi: Spi) -> None:
    start(spi, 2 * FIFO_DEPTH, RX)
    world.clock.advance(100 * WORD_NS)
    assert (status(spi), flags(spi) & RX_OVERRUN) == (BUSY | FIFO_DEPTH << 6, 0)
    received(spi)
    world.clock.advance(WORD_NS)
    assert (status(spi), flags(spi) & RX_OVERRUN) == (BUSY | FIFO_DEPTH << 6, 0)


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


def test_words_taken_one_at_a_time_keep_the_receive_flag_until_the_level(world: FakeWorld, spi: Spi) -> None:
    send(spi, 1, 2, 3)
    start(spi, 12)
    world.clock.advance(3 * WORD_NS)
    for _ in range(3):
        spi.write(spi.interrupt_status.offset, 0xFF)
        assert flags(spi) & RX_READY
        received(spi)
    assert not flags(spi) & RX_READY


def test_a_full_and_an_empty_fifo_are_told(spi: Spi) -> None:
    send(spi, *range(FIFO_DEPTH // 4))
    assert not flags(spi)
    send(spi, 0)
    received(spi)
    assert flags(spi) == TX_OVERRUN | RX_UNDERRUN


def test_clearing_ends_a_transfer(world: FakeWorld, spi: Spi) -> None:
    start(spi, 4)
    spi.write(spi.channel.offset, CLEAR | TX)
    assert status(spi) == 0
    send(spi, 1)
    world.clock.advance(WORD_NS)
    assert status(spi) == 4


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


def be_slave(spi: Spi, bits: int = TX | RX) -> None:
    spi.write(spi.config.offset, SLAVE)
    spi.write(spi.channel.offset, bits)


def test_a_slave_exchanges_what_its_master_clocks(spi: Spi) -> None:
    be_slave(spi)
    send(spi, 0x0403_0201, 0x0000_0605)
    assert spi.shift(b"abcdef") == bytes([1, 2, 3, 4, 5, 6])
    assert (status(spi), received(spi), received(spi)) == (BUSY | 6 << 6, 0x6463_6261, 0x6665)


def test_a_slave_counts_bits_and_is_done_when_it_is_deselected(spi: Spi, irq: FakeLine) -> None:
    be_slave(spi, RX)
    spi.write(spi.interrupt_mask.offset, 0xFF & ~DONE)
    spi.shift(b"abcd")
    spi.shift(b"ef")
    assert (spi.read(spi.slave_length.offset), irq.is_high()) == (48, False)
    spi.deselect()
    assert (flags(spi) & DONE, irq.is_high(), status(spi) & BUSY) == (DONE, True, 0)
    spi.shift(b"g")
    assert spi.read(spi.slave_length.offset) == 8


def test_a_slave_asks_for_data_and_tells_that_there_is_some(spi: Spi) -> None:
    be_slave(spi)
    send(spi, 1, 2)
    spi.shift(bytes(4))
    assert flags(spi) == RX_READY
    spi.shift(bytes(4))
    assert flags(spi) == RX_READY | TX_READY


def test_a_slave_cannot_wait_for_data_or_room(spi: Spi) -> None:
    be_slave(spi)
    assert spi.shift(bytes(4)) == bytes(4)
    assert flags(spi) & (TX_UNDERRUN | RX_OVERRUN) == TX_UNDERRUN
    spi.shift(bytes(FIFO_DEPTH))
    assert (status(spi), flags(spi) & RX_OVERRUN) == (BUSY | FIFO_DEPTH << 6, RX_OVERRUN)


def test_dma_serves_a_slave_word_by_word(spi: Spi) -> None:
    taken: list[int] = []
    be_slave(spi, RX)
    spi.rx_request = lambda level: taken.append(received(spi)) if level else None
    spi.write(spi.mode.offset, RX_DMA)
    spi.shift(bytes(range(4 * FIFO_DEPTH)))
    assert (len(taken), flags(spi) & RX_OVERRUN) == (FIFO_DEPTH, 0)


def test_two_masters_hear_zeros(spi: Spi) -> None:
    spi.write(spi.channel.offset, TX | RX)
    send(spi, 1)
    assert (spi.shift(b"abcd"), status(spi)) == (bytes(4), 4)


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


SELECT_IDLE_HIGH, SELECT_BY_SOFTWARE = 1 << 2, 1 << 1


def test_the_select_line_is_active_while_a_transfer_is_under_way(world: FakeWorld, spi: Spi) -> None:
    line = FakeLine()
    spi.select_line = line
    spi.write(spi.channel.offset, SELECT_IDLE_HIGH)
    assert line.is_high()
    send(spi, 1, 2)
    start(spi, 8, TX | SELECT_IDLE_HIGH)
    assert not line.is_high()
    world.clock.advance(2 * WORD_NS - 1)
    assert not line.is_high()
    world.clock.advance(1)
    assert line.is_high()


def test_software_may_make_the_select_line(world: FakeWorld, spi: Spi) -> None:
    line = FakeLine()
    spi.select_line = line
    spi.write(spi.channel.offset, SELECT_BY_SOFTWARE | SELECT_IDLE_HIGH)
    assert line.is_high()
    spi.write(spi.channel.offset, SELECT_BY_SOFTWARE)
    send(spi, 1)
    start(spi, 4, TX | SELECT_BY_SOFTWARE)
    world.clock.advance(WORD_NS)
    assert not line.is_high()


def test_words_that_the_dma_brings_are_shifted_in_a_row(world: FakeWorld, spi: Spi) -> None:
    sent: list[bytes] = []
    spi.exchange = lambda data: sent.append(data) or bytes(len(data))  # type: ignore[func-returns-value]
    asked: list[int] = []

    def ahead(most_bytes: int) -> bytes:
        asked.append(most_bytes)
        return bytes(range(64)) if len(asked) == 1 else b""

    spi.tx_ahead = ahead
    spi.write(spi.mode.offset, 1)  # TX by DMA
    send(spi, 0xAAAA_AAAA)
    start(spi, 4 + 64 + 64, TX)
    world.clock.advance(17 * WORD_NS - 1)
    assert sent == []
    world.clock.advance(1)
    assert sent == [b"\xaa" * 4 + bytes(range(64))]
    assert asked[0] == 4 + 64 + 64 - FIFO_DEPTH - 4
    assert status(spi) & BUSY


def test_who_also_receives_gets_each_word_at_its_time(world: FakeWorld, spi: Spi) -> None:
    spi.tx_ahead = lambda most_bytes: pytest.fail("nothing may be taken ahead")
    spi.write(spi.mode.offset, 1)
    send(spi, 1)
    start(spi, 256)
    world.clock.advance(WORD_NS)
