"""One UART alone: sending, and what concerns both directions."""

import pytest
from support.environment import FakeWorld
from support.line import FakeLine
from support.uart_wire import BYTE_NS, ENABLED_8N1, TX_EMPTY, TX_LEVEL, Wire, wire_of

from peripherals.framework.reset import ResetCause
from peripherals.uart_registers import DataBits


@pytest.fixture
def wire(world: FakeWorld) -> Wire:
    return wire_of(world)


def test_a_byte_takes_its_bits_time(wire: Wire) -> None:
    wire.write(0x41)
    wire.advance(BYTE_NS - 1)
    assert (wire.tx_count, wire.sent) == (1, [])
    wire.advance(1)
    assert (wire.tx_count, wire.sent) == (0, [(BYTE_NS, 0x41)])


@pytest.mark.parametrize(
    ("line", "bits"),
    [(0xC3, 10), (0xC7, 11), (0xCB, 11), (0xCF, 12), (0xC0, 7)],
    ids=["8N1", "8N2", "8E1", "8E2", "5N1"],
)
def test_the_frame_has_its_start_data_parity_and_stop_bits(wire: Wire, line: int, bits: int) -> None:
    wire.uart.write(wire.uart.line_control.offset, line)
    wire.write(0x11)
    wire.advance(bits * 8_675)
    assert wire.sent == [(bits * 8_675, 0x11)]


def test_a_new_apb_clock_changes_the_pace(wire: Wire) -> None:
    wire.world.frequencies.apb_hz = 20_000_000
    wire.uart.clocks_changed()
    wire.write(0x41)
    wire.advance(2 * BYTE_NS)
    assert wire.sent == [(2 * BYTE_NS, 0x41)]


def test_polling_for_an_empty_fifo_before_every_byte(wire: Wire) -> None:
    for byte in b"abc":
        while wire.tx_count:
            wire.advance(10)
        wire.write(byte)
    wire.advance(BYTE_NS)
    assert bytes(byte for _, byte in wire.sent) == b"abc"
    assert wire.sent[-1][0] == pytest.approx(3 * BYTE_NS, abs=20)


def test_polled_bytes_need_one_alarm_for_a_whole_burst(wire: Wire) -> None:
    wire.write(1, 2, 3, 4)
    assert wire.world.clock.next_due_ns == 4 * BYTE_NS


def test_bytes_follow_one_another_without_a_gap(wire: Wire) -> None:
    wire.write(1, 2, 3)
    counts = []
    for _ in range(4):
        counts.append(wire.tx_count)
        wire.advance(BYTE_NS)
    assert counts == [3, 2, 1, 0]


def test_a_byte_beyond_the_fifo_is_lost(wire: Wire) -> None:
    wire.write(*range(33))
    assert wire.tx_count == 32
    wire.advance(40 * BYTE_NS)
    assert [byte for _, byte in wire.sent] == list(range(32))


def test_room_made_by_time_alone_is_room(wire: Wire) -> None:
    wire.write(*range(32))
    wire.world.clock.jump(BYTE_NS)
    wire.write(32)
    assert wire.tx_count == 32


def test_a_prompt_uart_gives_each_byte_away_when_it_is_out(wire: Wire) -> None:
    wire.uart.is_prompt = True
    start_ns = wire.world.clock.now_ns
    wire.write(*b"abc")
    wire.advance(1_000_000)
    frame_ns = wire.sent[0][0] - start_ns
    assert wire.sent == [(start_ns + n * frame_ns, byte) for n, byte in enumerate(b"abc", 1)]


def test_a_disabled_transmitter_keeps_its_bytes(wire: Wire) -> None:
    wire.uart.write(wire.uart.line_control.offset, ENABLED_8N1 & ~(1 << 6))
    wire.write(0x41)
    wire.advance(10 * BYTE_NS)
    assert (wire.sent, wire.tx_count) == ([], 1)
    wire.uart.write(wire.uart.line_control.offset, ENABLED_8N1)
    wire.advance(BYTE_NS)
    assert wire.sent == [(11 * BYTE_NS, 0x41)]


def test_the_byte_on_the_wire_outlives_a_fifo_reset_and_a_disabled_transmitter(wire: Wire) -> None:
    wire.write(0x41, 0x42)
    wire.uart.write(wire.uart.fifo_control.offset, 1)
    wire.uart.write(wire.uart.line_control.offset, 0)
    wire.advance(10 * BYTE_NS)
    assert [byte for _, byte in wire.sent] == [0x41]


def test_draining_raises_the_level_first_and_empty_at_the_end(wire: Wire) -> None:
    wire.unmask(TX_EMPTY | TX_LEVEL)
    wire.write(*range(6))
    wire.advance(2 * BYTE_NS - 1)
    assert not wire.irq.is_high()
    wire.advance(1)
    assert wire.irq.is_high()
    assert wire.acknowledge() == TX_LEVEL
    wire.advance(4 * BYTE_NS - 1)
    assert not wire.irq.is_high()
    wire.advance(1)
    assert wire.acknowledge() == TX_EMPTY | TX_LEVEL


def test_a_single_byte_below_the_level_raises_it_when_it_is_out(wire: Wire) -> None:
    wire.uart.write(wire.uart.fifo_control.offset, 3 << 2)
    wire.unmask(TX_LEVEL)
    for byte in range(3):  # each interrupt sends the next one
        wire.write(byte)
        assert wire.acknowledge() == 0
        wire.advance(BYTE_NS)
        assert wire.irq.is_high()
        assert wire.acknowledge() & TX_LEVEL


def test_a_burst_below_the_level_still_ends_with_empty(wire: Wire) -> None:
    wire.write(1, 2)
    wire.unmask(TX_EMPTY | TX_LEVEL)
    wire.advance(2 * BYTE_NS)
    assert wire.irq.is_high()


def test_empty_is_not_raised_again_once_acknowledged(wire: Wire) -> None:
    wire.unmask(TX_EMPTY | TX_LEVEL)
    wire.write(1)
    wire.advance(BYTE_NS)
    wire.acknowledge()
    wire.advance(100 * BYTE_NS)
    assert (wire.irq.is_high(), wire.irq.rises) == (False, 1)


def test_a_drain_while_masked_is_delivered_when_unmasked(wire: Wire) -> None:
    wire.write(1)
    wire.advance(BYTE_NS)
    assert not wire.irq.is_high()
    wire.unmask(TX_EMPTY)
    assert wire.irq.is_high()


def test_level_zero_raises_both_bits_at_the_end(wire: Wire) -> None:
    wire.uart.write(wire.uart.fifo_control.offset, 0)
    wire.write(1, 2)
    wire.advance(2 * BYTE_NS)
    assert wire.acknowledge() == TX_EMPTY | TX_LEVEL


def test_a_reset_loses_the_fifos_and_lowers_the_line(wire: Wire) -> None:
    wire.unmask(TX_EMPTY)
    wire.write(1)
    wire.advance(BYTE_NS)
    wire.write(2)
    wire.uart.reset(ResetCause.WATCHDOG)
    wire.advance(10 * BYTE_NS)
    assert (wire.irq.is_high(), wire.tx_count, len(wire.sent)) == (False, 0, 1)


def test_what_is_out_before_a_reset_has_been_sent(wire: Wire) -> None:
    wire.write(1, 2, 3)
    wire.advance(2 * BYTE_NS)
    assert wire.sent == []
    wire.uart.reset(ResetCause.WATCHDOG)
    wire.advance(10 * BYTE_NS)
    assert [byte for _, byte in wire.sent] == [1, 2]


def test_catching_up_lets_out_what_is_out_by_now(wire: Wire) -> None:
    wire.write(1, 2, 3)
    wire.advance(2 * BYTE_NS)
    wire.uart.catch_up()
    assert [byte for _, byte in wire.sent] == [1, 2]


def test_a_snapshot_goes_on_where_it_was_taken(wire: Wire) -> None:
    wire.write(1, 2)
    wire.uart.feed(b"ab")
    wire.advance(BYTE_NS // 2)
    snapshot = wire.uart.save()
    wire.advance(10 * BYTE_NS)
    wire.world.clock.now_ns = BYTE_NS // 2
    wire.uart.restore(snapshot)
    wire.sent.clear()
    assert (wire.tx_count, wire.rx_count) == (2, 0)
    wire.advance(BYTE_NS // 2)
    assert (wire.tx_count, wire.rx_count) == (1, 1)
    wire.advance(BYTE_NS)
    assert [byte for _, byte in wire.sent] == [1, 2]
    assert (wire.read(), wire.read()) == (ord("a"), ord("b"))


def test_the_dma_is_asked_for_bytes_while_there_is_room(wire: Wire) -> None:
    request = wire.uart.tx_request = FakeLine()
    wire.write(1)
    assert not request.is_high()
    wire.uart.write(wire.uart.dma_control.offset, 1)
    assert request.is_high()
    wire.write(*range(31))
    assert not request.is_high()
    wire.advance(28 * BYTE_NS)
    assert request.is_high()


def test_fields_are_typed(wire: Wire) -> None:
    assert wire.uart.line_control.data_bits is DataBits.EIGHT


def test_smart_card_mode_is_reported_as_not_modelled(wire: Wire) -> None:
    wire.uart.write(wire.uart.line_control.offset, ENABLED_8N1 | 1 << 24)
    wire.uart.write(wire.uart.wait_time.offset, 1)
    assert wire.world.log.names == ["uart0.line_control.iso7816", "uart0.wait_time.iso7816"]


def test_the_break_bit_clears_itself(wire: Wire) -> None:
    wire.uart.write(wire.uart.line_control.offset, ENABLED_8N1 | 1 << 5)
    assert wire.uart.read(wire.uart.line_control.offset) == ENABLED_8N1
    assert wire.world.log.names == ["uart0.line_control.send_break"]
