"""A UART whose software waits for the end of a byte, 86,750 ns at 115,200 baud."""

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.uart import Uart

BYTE_NS = 86_750


@pytest.fixture
def uart(world: FakeWorld) -> Uart:
    uart = Uart("uart0", world.environment, FakeLine())
    uart.reset()
    uart.write(uart.baud_rate.offset, 0x000B_0014)
    uart.write(uart.line_control.offset, 0xC3)
    return uart


def tx_count(uart: Uart) -> int:
    return uart.read(uart.fifo_status.offset) & 0x3F


def test_software_that_polls_for_the_end_of_a_byte_is_stalled_until_then(
    world: FakeWorld, uart: Uart
) -> None:
    stalls: list[int] = []
    uart.stall = stalls.append
    uart.write(uart.tx_data.offset, 0x55)
    for _ in range(20):
        world.clock.advance(50)
        assert tx_count(uart) == 1
    assert stalls == [BYTE_NS] * 16


def test_a_stall_to_the_end_of_the_byte_shows_an_empty_fifo(world: FakeWorld, uart: Uart) -> None:
    sent: list[tuple[int, int]] = []
    uart.transmit = lambda byte: sent.append((world.clock.now_ns, byte))
    uart.stall = lambda until_ns: world.clock.advance(until_ns - world.clock.now_ns)
    uart.write(uart.tx_data.offset, 0x55)
    assert [tx_count(uart) for _ in range(5)] == [1] * 4 + [0]
    assert sent == [(BYTE_NS, 0x55)]


def test_software_that_looks_now_and_then_is_not_stalled(world: FakeWorld, uart: Uart) -> None:
    stalls: list[int] = []
    uart.stall = stalls.append
    uart.write(uart.tx_data.offset, 0x55)
    for _ in range(40):
        world.clock.advance(1_001)
        assert tx_count(uart) == 1
    assert not stalls
