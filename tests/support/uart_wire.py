"""One UART alone. 115,200 baud 8N1 at 40 MHz: divider 0x000B_0014, 347 clocks a bit, 86,750 ns a byte."""

from __future__ import annotations

from dataclasses import dataclass

from peripherals.uart import Uart
from support.environment import FakeWorld
from support.line import FakeLine

BYTE_NS = 86_750
ENABLED_8N1 = 0xC3
TX_EMPTY, TX_LEVEL, RX_LEVEL, RX_TIMEOUT, OVERRUN = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 8
FRAME_ERROR, PARITY_ERROR = 1 << 6, 1 << 7


@dataclass
class Wire:
    """A UART with its pins, driven through its registers."""

    uart: Uart
    world: FakeWorld
    irq: FakeLine
    sent: list[tuple[int, int]]

    def advance(self, delta_ns: int) -> None:
        self.world.clock.advance(delta_ns)

    def write(self, *data: int) -> None:
        for byte in data:
            self.uart.write(self.uart.tx_data.offset, byte)

    def unmask(self, bits: int) -> None:
        self.uart.write(self.uart.interrupt_mask.offset, 0x3FF & ~bits)

    def acknowledge(self) -> int:
        source = self.uart.read(self.uart.interrupt_source.offset)
        self.uart.write(self.uart.interrupt_source.offset, source)
        return source

    def read(self) -> int:
        return self.uart.read(self.uart.rx_data.offset)

    @property
    def tx_count(self) -> int:
        return self.uart.read(self.uart.fifo_status.offset) & 0x3F

    @property
    def rx_count(self) -> int:
        return self.uart.read(self.uart.fifo_status.offset) >> 6 & 0x3F


def wire_of(world: FakeWorld) -> Wire:
    """A UART as the SDK's driver sets it up."""
    irq = FakeLine()
    uart = Uart("uart0", world.environment, irq)
    uart.reset()
    sent: list[tuple[int, int]] = []
    uart.transmit = lambda byte: sent.append((world.clock.now_ns, byte))
    uart.write(uart.baud_rate.offset, 0x000B_0014)
    uart.write(uart.dma_control.offset, 4 << 3 | 1 << 2)
    uart.write(uart.fifo_control.offset, 3 << 4 | 1 << 2 | 3)
    uart.write(uart.line_control.offset, ENABLED_8N1)
    return Wire(uart, world, irq, sent)
