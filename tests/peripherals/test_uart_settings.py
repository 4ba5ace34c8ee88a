"""Bytes that are out by now have been sent with the settings of their time, whether anybody has looked or not."""

from __future__ import annotations

import pytest
from support.environment import FakeWorld
from support.uart_wire import BYTE_NS, ENABLED_8N1, TX_EMPTY, TX_LEVEL, Wire, wire_of

TX_RESET = 1 << 0
NO_TX_LEVEL = 3 << 4 | 0 << 2


@pytest.fixture
def wire(world: FakeWorld) -> Wire:
    return wire_of(world)


def test_a_snapshot_is_the_same_whether_anybody_has_looked_or_not() -> None:
    snapshots = []
    for is_watched in (False, True):
        wire = wire_of(FakeWorld())
        wire.write(*range(20))
        for _ in range(10):
            wire.advance(BYTE_NS // 2)
            if is_watched:
                wire.uart.catch_up()
        snapshots.append(wire.uart.save())
    assert snapshots[0] == snapshots[1]
    assert snapshots[0]["state"]["_tx_fifo"] == list(range(5, 20))


def test_taking_a_snapshot_changes_nothing_for_the_firmware(wire: Wire) -> None:
    """The alarm of the last byte is late: the flag it sets is not there before it."""
    wire.write(1, 2)
    wire.world.clock.jump(2 * BYTE_NS)
    wire.uart.save()
    assert wire.uart.read(wire.uart.interrupt_source.offset) & (TX_EMPTY | TX_LEVEL) == 0
    wire.advance(0)
    assert wire.uart.read(wire.uart.interrupt_source.offset) & TX_EMPTY


def test_a_reset_of_the_fifo_lets_the_byte_on_the_wire_go_out(wire: Wire) -> None:
    wire.write(*range(10))
    wire.advance(3 * BYTE_NS + BYTE_NS // 2)
    wire.uart.write(wire.uart.fifo_control.offset, NO_TX_LEVEL | TX_RESET)
    assert wire.tx_count == 1
    wire.advance(10 * BYTE_NS)
    assert [byte for _, byte in wire.sent] == [0, 1, 2, 3]


def test_the_end_of_sending_is_told_in_time_after_a_reset_of_the_fifo(wire: Wire) -> None:
    wire.uart.write(wire.uart.fifo_control.offset, NO_TX_LEVEL)
    wire.unmask(TX_EMPTY)
    wire.write(*range(10))
    wire.uart.write(wire.uart.fifo_control.offset, NO_TX_LEVEL | TX_RESET)
    wire.advance(BYTE_NS - 1)
    assert not wire.irq.is_high()
    wire.advance(1)
    assert wire.irq.is_high()


def test_a_new_level_counts_at_once(wire: Wire) -> None:
    wire.uart.write(wire.uart.fifo_control.offset, NO_TX_LEVEL)
    wire.unmask(TX_LEVEL)
    wire.write(*range(20))
    wire.uart.write(wire.uart.fifo_control.offset, NO_TX_LEVEL | 3 << 2)
    wire.advance(4 * BYTE_NS - 1)
    assert not wire.irq.is_high()
    wire.advance(1)
    assert wire.irq.is_high()


def test_a_new_level_does_not_count_for_bytes_before_it(wire: Wire) -> None:
    wire.uart.write(wire.uart.fifo_control.offset, NO_TX_LEVEL)
    wire.unmask(TX_LEVEL)
    wire.write(*range(20))
    wire.advance(6 * BYTE_NS)
    wire.uart.write(wire.uart.fifo_control.offset, NO_TX_LEVEL | 3 << 2)
    assert not wire.irq.is_high()


@pytest.mark.parametrize("divider", [0x0013, 0x0027])
def test_a_new_rate_is_that_of_the_bytes_to_come(wire: Wire, divider: int) -> None:
    wire.write(*range(4))
    wire.advance(2 * BYTE_NS + BYTE_NS // 2)
    wire.uart.write(wire.uart.baud_rate.offset, divider)
    byte_ns = 10 * 16 * (divider + 1) * 25
    wire.advance(BYTE_NS // 2 + byte_ns)
    assert [byte for _, byte in wire.sent] == [0, 1, 2, 3]
    assert wire.sent[-1][0] == 3 * BYTE_NS + byte_ns


def test_a_new_apb_clock_is_that_of_the_bytes_to_come(wire: Wire) -> None:
    wire.write(*range(4))
    wire.advance(2 * BYTE_NS + BYTE_NS // 2)
    wire.world.frequencies.apb_hz //= 2
    wire.uart.clocks_changed()
    wire.advance(BYTE_NS // 2 + 2 * BYTE_NS)
    assert wire.sent[-1] == (5 * BYTE_NS, 3)


def test_switched_off_it_sends_the_byte_on_the_wire_and_keeps_the_rest(wire: Wire) -> None:
    wire.write(*range(6))
    wire.advance(2 * BYTE_NS + BYTE_NS // 2)
    wire.uart.write(wire.uart.line_control.offset, ENABLED_8N1 & ~(1 << 6))
    wire.advance(10 * BYTE_NS)
    assert [byte for _, byte in wire.sent] == [0, 1, 2]
    assert wire.tx_count == 3
    wire.uart.write(wire.uart.line_control.offset, ENABLED_8N1)
    wire.advance(3 * BYTE_NS)
    assert [byte for _, byte in wire.sent] == list(range(6))
