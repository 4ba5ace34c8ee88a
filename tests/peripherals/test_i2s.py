"""The I2S master alone, at 1 Mbit/s: a word of two 16-bit samples takes 32 us."""

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.framework.reset import ResetCause
from peripherals.i2s import FIFO_WORDS, I2s

WORD_NS = 32_000
ENABLE, TX, RX, MUTE, BITS_16, BITS_24, MONO, SLAVE = 1, 2, 4, 8, 1 << 4, 2 << 4, 1 << 22, 1 << 28
TX_CLEAR, RX_CLEAR, TX_DMA, RX_DMA = 1 << 18, 1 << 19, 1 << 20, 1 << 21
TX_DONE, TX_READY, TX_OVERFLOW, TX_UNDERFLOW, RX_READY, RX_OVERFLOW, RX_UNDERFLOW = 128, 64, 32, 16, 4, 2, 1


@pytest.fixture
def irq() -> FakeLine:
    return FakeLine()


@pytest.fixture
def i2s(world: FakeWorld, irq: FakeLine) -> I2s:
    i2s = I2s("i2s", world.environment, irq)
    i2s.bit_hz = lambda: 1_000_000
    i2s.reset()
    return i2s


def control(i2s: I2s, bits: int) -> None:
    i2s.write(i2s.control.offset, BITS_16 | bits)


def send(i2s: I2s, *words: int) -> None:
    for word in words:
        i2s.write(i2s.tx_data.offset, word)


def flags(i2s: I2s) -> int:
    return i2s.read(i2s.flags.offset)


def words(i2s: I2s) -> tuple[int, int]:
    status = i2s.read(i2s.status.offset)
    return status >> 4 & 0xF, status & 0xF


def test_words_go_out_at_the_bit_clock(i2s: I2s, world: FakeWorld) -> None:
    sent: list[int] = []
    i2s.exchange = lambda word: sent.append(word) or 0  # type: ignore[func-returns-value]
    send(i2s, 1, 2)
    control(i2s, ENABLE | TX)
    world.clock.advance(WORD_NS - 1)
    assert (sent, words(i2s)) == ([], (2, 0))
    world.clock.advance(1)
    assert (sent, words(i2s)) == ([1], (1, 0))
    world.clock.advance(WORD_NS)
    assert (sent, words(i2s), flags(i2s) & TX_DONE) == ([1, 2], (0, 0), TX_DONE)


@pytest.mark.parametrize(("bits", "duration_ns"), [(BITS_24, 24_000), (BITS_16 | MONO, 64_000)])
def test_the_format_tells_how_long_a_word_takes(
    i2s: I2s, world: FakeWorld, bits: int, duration_ns: int
) -> None:
    send(i2s, 1)
    i2s.write(i2s.control.offset, ENABLE | TX | bits)
    world.clock.advance(duration_ns - 1)
    assert words(i2s) == (1, 0)
    world.clock.advance(1)
    assert words(i2s) == (0, 0)


def test_with_nothing_connected_zeros_come_in_until_the_fifo_is_full(i2s: I2s, world: FakeWorld) -> None:
    control(i2s, ENABLE | RX)
    world.clock.advance(WORD_NS)
    assert (words(i2s), flags(i2s) & RX_READY) == ((0, 1), RX_READY)
    world.clock.advance(100 * WORD_NS)
    assert words(i2s) == (0, FIFO_WORDS)
    assert i2s.read(i2s.rx_data.offset) == 0


def test_a_word_that_is_due_and_not_there_is_an_underflow(i2s: I2s, world: FakeWorld) -> None:
    send(i2s, 1)
    control(i2s, ENABLE | TX)
    world.clock.advance(2 * WORD_NS - 1)
    assert flags(i2s) & (TX_DONE | TX_UNDERFLOW) == TX_DONE
    world.clock.advance(1)
    assert flags(i2s) & TX_UNDERFLOW


def test_an_underflow_comes_again_after_it_was_acknowledged(i2s: I2s, world: FakeWorld) -> None:
    control(i2s, ENABLE | TX)
    world.clock.advance(WORD_NS)
    i2s.write(i2s.flags.offset, TX_UNDERFLOW)
    assert not flags(i2s) & TX_UNDERFLOW
    world.clock.advance(WORD_NS)
    assert flags(i2s) & TX_UNDERFLOW


def test_a_word_without_room_is_an_overflow(i2s: I2s, world: FakeWorld) -> None:
    control(i2s, ENABLE | RX)
    world.clock.advance((FIFO_WORDS + 1) * WORD_NS - 1)
    assert not flags(i2s) & RX_OVERFLOW
    world.clock.advance(1)
    assert flags(i2s) & RX_OVERFLOW


def test_a_sender_that_has_told_of_its_end_costs_no_time(i2s: I2s, world: FakeWorld) -> None:
    exchanges: list[int] = []
    i2s.exchange = lambda word: exchanges.append(word) or 0  # type: ignore[func-returns-value]
    send(i2s, 1)
    control(i2s, ENABLE | TX | RX)
    world.clock.advance(1000 * WORD_NS)
    assert len(exchanges) == FIFO_WORDS + 1


def test_a_mute_sends_zeros(i2s: I2s, world: FakeWorld) -> None:
    i2s.exchange = lambda word: word
    send(i2s, 5, 6)
    control(i2s, ENABLE | TX | RX)
    world.clock.advance(WORD_NS)
    control(i2s, ENABLE | TX | RX | MUTE)
    world.clock.advance(WORD_NS)
    assert [i2s.read(i2s.rx_data.offset) for _ in range(2)] == [5, 0]


@pytest.mark.parametrize("bits", [TX, ENABLE | TX | SLAVE])
def test_nothing_moves_without_enable_or_a_master(i2s: I2s, world: FakeWorld, bits: int) -> None:
    send(i2s, 1)
    control(i2s, bits)
    world.clock.advance(10 * WORD_NS)
    assert words(i2s) == (1, 0)


def test_it_starts_when_it_gets_a_bit_clock(i2s: I2s, world: FakeWorld) -> None:
    i2s.bit_hz = lambda: 0
    send(i2s, 1)
    control(i2s, ENABLE | TX)
    i2s.bit_hz = lambda: 1_000_000
    i2s.clocks_changed()
    world.clock.advance(WORD_NS)
    assert words(i2s) == (0, 0)


def test_a_full_and_an_empty_fifo_are_told_and_can_be_cleared(i2s: I2s) -> None:
    send(i2s, *range(FIFO_WORDS + 1))
    i2s.read(i2s.rx_data.offset)
    assert flags(i2s) & (TX_OVERFLOW | RX_UNDERFLOW | TX_READY) == TX_OVERFLOW | RX_UNDERFLOW
    control(i2s, TX_CLEAR | RX_CLEAR)
    assert (words(i2s), i2s.read(i2s.control.offset)) == ((0, 0), BITS_16)
    assert flags(i2s) & TX_READY


def test_an_unmasked_flag_interrupts_until_acknowledged(i2s: I2s, world: FakeWorld, irq: FakeLine) -> None:
    i2s.write(i2s.interrupt_mask.offset, 0x3FF & ~TX_DONE)
    send(i2s, 1)
    control(i2s, ENABLE | TX)
    world.clock.advance(WORD_NS)
    assert irq.is_high()
    i2s.write(i2s.flags.offset, TX_DONE)
    assert not irq.is_high()


def test_dma_is_asked_until_the_fifos_are_full_and_empty(i2s: I2s, world: FakeWorld) -> None:
    i2s.tx_request = tx_request = FakeLine()
    i2s.rx_request = rx_request = FakeLine()
    control(i2s, ENABLE | TX | RX | TX_DMA | RX_DMA)
    assert (tx_request.is_high(), rx_request.is_high()) == (True, False)
    world.clock.advance(WORD_NS)
    assert rx_request.is_high()
    i2s.read(i2s.rx_data.offset)
    send(i2s, *range(FIFO_WORDS))
    assert (tx_request.is_high(), rx_request.is_high()) == (False, False)


def test_dma_is_asked_again_below_the_threshold(i2s: I2s, world: FakeWorld) -> None:
    i2s.tx_request = tx_request = FakeLine()
    control(i2s, ENABLE | TX | TX_DMA | 4 << 9)
    send(i2s, *range(FIFO_WORDS))
    world.clock.advance(4 * WORD_NS)
    assert (words(i2s), tx_request.is_high()) == ((4, 0), False)
    world.clock.advance(WORD_NS)
    assert (words(i2s), tx_request.is_high()) == ((3, 0), True)


def test_a_snapshot_goes_on(i2s: I2s, world: FakeWorld) -> None:
    send(i2s, 1)
    control(i2s, ENABLE | TX)
    snapshot = i2s.save()
    i2s.reset(ResetCause.SOFTWARE)
    assert words(i2s) == (0, 0)
    i2s.restore(snapshot)
    world.clock.advance(WORD_NS)
    assert (words(i2s), flags(i2s) & TX_DONE) == ((0, 0), TX_DONE)
