"""UART with 32-byte FIFOs.

What the driver relies on: wm_hal_uart.c (wm_iot_sdk).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from peripherals.framework.deadline import Deadline
from peripherals.framework.environment import NS_PER_SECOND, Environment, Line
from peripherals.framework.fifo import Fifo
from peripherals.framework.outlook import STEADY, Outlook
from peripherals.framework.peripheral import on_outlook, on_peek, on_read, on_write
from peripherals.framework.reset import ResetCause
from peripherals.uart_registers import (
    RX_DMA,
    RX_LEVEL,
    TX_DMA,
    TX_EMPTY,
    TX_ENABLE,
    TX_LEVEL,
    UartRegisters,
)

FIFO_DEPTH = 32
TX_LEVELS = (0, 4, 8, 16)
RX_LEVELS = (1, 4, 8, 16)
POLLS_BEFORE_STALL = 4
POLL_GAP_NS = 1_000
"""Reads of the FIFO status within this time of each other, with the same answer, are a polling loop."""


class Uart(UartRegisters):
    """A serial port whose bytes take their time on the wire.

    `transmit` gets each byte when it is out, or, unless `is_prompt` is set, a little later where the firmware
    cannot tell (see `catch_up`). The other side calls `receive` when a byte is in, or `feed` to have bytes
    sent at line rate; `faults`, bits of the interrupt source, tell what is wrong with the frames.
    `tx_request` and `rx_request` are high while the DMA may write or has to read a byte.
    `stall` is called with the time when the byte on the wire will be out if software polls for that; the
    machine may let time pass up to there, as long as nothing else happens. Without it, software polls.
    """

    saved_state = (
        *("_frame_ns", "_is_new_rate", "_tx_fifo", "_tx_done_ns", "_rx_fifo"),
        *("_incoming", "_arrival", "_timeout", "_polls", "_polled_at_ns"),
    )

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self.transmit: Callable[[int], None] = lambda byte: None
        self.is_prompt = False
        self.stall: Callable[[int], None] | None = None
        self.on_new_rate: Callable[[float], None] = lambda baud: None
        """Told the rate of the line when it is first used with it."""
        self._is_new_rate = False
        self.tx_request: Line = lambda level: None
        self.rx_request: Line = lambda level: None
        self._irq = irq
        self._clock = environment.clock
        self._frame_ns = 0
        # GUESS: the byte on the wire still counts as in the FIFO. Drivers wait for count 0 to mean "sent".
        self._tx_fifo = Fifo(FIFO_DEPTH)
        self._tx_done_ns: int | None = None  # when the byte on the wire, first in the FIFO, will be out
        self._rx_fifo = Fifo(FIFO_DEPTH)
        self._incoming = Fifo(sys.maxsize)  # of bytes, each with its faults in the bits above
        self._tx_news = Deadline(self._clock, self.catch_up)
        self._tx_told = Deadline(self._clock, self._tell, is_silent=True)
        self._arrival = Deadline(self._clock, self._deliver)  # of the next of these
        self._timeout = Deadline(self._clock, self._time_out)
        self._polls = 0
        self._polled_at_ns = 0

    @property
    def is_sending(self) -> bool:
        """Whether a byte is on its way."""
        return self._tx_done_ns is not None

    @property
    def queued(self) -> int:
        """How many of the bytes fed have not arrived yet."""
        return len(self._incoming)

    def receive(self, byte: int, faults: int = 0) -> None:
        """Take a byte that has arrived on the RX pin; lost if the receiver is off or its FIFO full."""
        if not self.line_control.rx_enable:
            return
        self.interrupt_source.value |= faults
        if not self._rx_fifo.push(byte):
            self.interrupt_source.overrun = 1
        if self.dma_control.timeout_enable:
            # It ends even if the FIFO is emptied meanwhile: the driver hands over what it has on the timeout.
            self._timeout.schedule(self.dma_control.timeout_chars * self._frame_ns)
        self._update_irq()
        self._update_requests()

    def feed(self, data: bytes, faults: int = 0) -> None:
        """Send bytes to the RX pin at line rate; they wait while the receiver is off or its FIFO full."""
        self._incoming.push_all(byte | faults << 8 for byte in data)
        self._await_arrival()

    def take(self, most: int) -> tuple[bytes, int]:
        """Up to so many of the bytes received or fed, and when the last of them is in.

        What software that reads in time would come to, without the time that its reads would take here.
        """
        taken = self._rx_fifo.pop_all(most)
        count = min(most - len(taken), len(self._incoming)) if self.line_control.rx_enable else 0
        last_ns = self._clock.now_ns
        if count:
            first_ns = self._arrival.due_ns or last_ns + self._frame_ns
            last_ns = first_ns + (count - 1) * self._frame_ns
            taken += bytes((self._incoming.pop() or 0) & 0xFF for _ in range(count))
            self._arrival.cancel()
            if len(self._incoming):
                self._arrival.schedule_at(last_ns + self._frame_ns)
        self._await_arrival()
        self._update_irq()
        self._update_requests()
        return taken, last_ns

    def catch_up(self) -> None:
        """Let out what has been sent by now, and wait for the next level worth an interrupt."""
        self._go_on(self._advance())

    def _go_on(self, now_ns: int) -> None:
        if self._tx_done_ns is None:
            self._start_byte(now_ns)
        self._plan_news()
        self._update_irq()
        self._update_requests()

    def reset(self, cause: ResetCause = ResetCause.POWER_ON) -> None:
        """Lose the bytes that are not out by now."""
        self._advance()
        super().reset(cause)

    def write(self, offset: int, value: int, size_bytes: int = 4) -> None:
        """Take a bus write; what is out by now has been sent with the settings before."""
        if offset < self.interrupt_mask.offset:
            self._advance()
        super().write(offset, value, size_bytes)

    def save(self) -> dict[str, Any]:
        """Take a snapshot, the same whether anybody has looked meanwhile, or waits for each byte, or not."""
        news_ns = self._news_ns()  # before it nothing happens that the firmware could notice
        self._advance(None if news_ns is None else news_ns - 1)
        return super().save()

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot."""
        super().restore(snapshot)
        self._plan_news()

    def _plan_news(self) -> None:
        news_ns = self._news_ns()
        if news_ns is not None:
            self._tx_news.schedule_at(news_ns)
        self._plan_telling()

    def _plan_telling(self) -> None:
        if self.is_prompt and self._tx_done_ns is not None:
            self._tx_told.schedule_at(self._tx_done_ns)

    def _tell(self) -> None:
        """Let a byte out on time, for who waits for it; the firmware sees the same later as without."""
        self._advance()
        self._plan_telling()

    def _news_ns(self) -> int | None:
        """When the FIFO comes to its next level worth an interrupt."""
        if self._tx_done_ns is None:
            return None
        level, waiting = TX_LEVELS[self.fifo_control.value >> 2 & 3], len(self._tx_fifo.held)
        return self._tx_done_ns + (waiting - 1 - (level if waiting > level else 0)) * self._frame_ns

    def clocks_changed(self) -> None:
        """Take the new APB clock for the next character."""
        self._advance()
        self._time_frame()
        if self._tx_done_ns is not None:
            self.catch_up()

    def _time_frame(self) -> None:
        divider = 16 * (self.baud_rate.divider + 1) + self.baud_rate.fraction
        line = self.line_control
        bits = 1 + 5 + line.data_bits + line.parity + 1 + line.two_stops
        before_ns = self._frame_ns
        self._frame_ns = round(bits * divider * NS_PER_SECOND / self.environment.frequencies.apb_hz)
        self._is_new_rate = self._is_new_rate or self._frame_ns != before_ns

    @on_write(UartRegisters.LineControl, UartRegisters.BaudRate)
    def _configure(self, _: int) -> None:
        self.line_control.send_break = 0  # wm_uart_reg_struct.h: clears itself
        self._time_frame()
        self.catch_up()
        self._await_arrival()

    @on_write(UartRegisters.FifoControl)
    def _reset_fifos(self, _: int) -> None:
        if self.fifo_control.rx_reset:
            self._rx_fifo.clear()
            self._await_arrival()
        if self.fifo_control.tx_reset:
            on_the_wire = self._tx_fifo.pop() if self._tx_done_ns is not None else None
            self._tx_fifo.clear()
            if on_the_wire is not None:
                self._tx_fifo.push(on_the_wire)
        self.catch_up()

    @on_read(UartRegisters.FifoStatus, consumes=True)
    def _count(self) -> int:
        status = self.fifo_status  # polled: no fields, for speed
        status.value = self._levels() if self._tx_done_ns is None else self._poll(status.value)
        return status.value

    @on_peek(UartRegisters.FifoStatus)
    def _peek(self) -> int:
        self._advance()
        return self._levels()

    def _levels(self) -> int:
        return len(self._rx_fifo.held) << 6 | len(self._tx_fifo.held)

    @on_outlook(UartRegisters.FifoStatus)
    def _foresee_levels(self) -> Outlook | None:
        return STEADY if self._tx_done_ns is None else None

    def _poll(self, before: int) -> int:
        """The levels while it sends; with as many polls that have found the same, when the byte is out."""
        now_ns, levels = self._advance(), self._levels()
        is_again = levels == before and now_ns - self._polled_at_ns <= POLL_GAP_NS
        self._polls, self._polled_at_ns = self._polls + 1 if is_again else 0, now_ns
        if self._polls < POLLS_BEFORE_STALL or self._tx_done_ns is None or self.stall is None:
            return levels
        self.stall(self._tx_done_ns)
        self._polled_at_ns = self._advance()
        return self._levels()

    @on_write(UartRegisters.TxData)
    def _send(self, data: int) -> None:
        now_ns = self._advance()
        self._tx_fifo.push(data & 0xFF)
        self._go_on(now_ns)

    @on_read(UartRegisters.RxData, consumes=True)
    def _take(self) -> int:
        byte = self._rx_fifo.pop()
        self._await_arrival()
        self._update_irq()
        self._update_requests()
        return byte or 0

    @on_peek(UartRegisters.RxData)
    def _first_received(self) -> int:
        return self._rx_fifo.first or 0

    def _advance(self, at_most_ns: int | None = None) -> int:
        """Let out what has been sent by now, or by a time before; which that is."""
        now_ns = self._clock.now_ns if at_most_ns is None else min(at_most_ns, self._clock.now_ns)
        while self._tx_done_ns is not None and self._tx_done_ns <= now_ns:
            byte = self._tx_fifo.pop()
            # Edges: once acknowledged they stay away while the FIFO stays empty.
            # GUESS: then the level is told, too: the W806 HAL waits for it after a byte, with a level of 16.
            left, level = len(self._tx_fifo.held), TX_LEVELS[self.fifo_control.value >> 2 & 3]
            self.interrupt_source.value |= TX_EMPTY * (not left) | TX_LEVEL * (left in (0, level))
            self._start_byte(self._tx_done_ns)
            self.transmit(byte or 0)
        return now_ns

    @on_write(UartRegisters.DmaControl)
    def _update_requests(self, *written: int) -> None:
        enables = self.dma_control.value
        if enables & (RX_DMA | TX_DMA) or written:  # else both are low
            self.rx_request(bool(enables & RX_DMA and len(self._rx_fifo)))
            self.tx_request(bool(enables & TX_DMA and self._tx_fifo.free))

    def _start_byte(self, at_ns: int) -> None:
        can_send = self.line_control.value & TX_ENABLE and self._tx_fifo.held
        self._tx_done_ns = at_ns + self._frame_ns if can_send else None
        if can_send and self._is_new_rate:
            self._tell_rate()

    def _tell_rate(self) -> None:
        self._is_new_rate = False
        divider = 16 * (self.baud_rate.divider + 1) + self.baud_rate.fraction
        self.on_new_rate(self.environment.frequencies.apb_hz / divider)

    def _await_arrival(self) -> None:
        can_receive = self.line_control.rx_enable and self._rx_fifo.free
        if self._arrival.due_ns is None and len(self._incoming) and can_receive:
            if self._is_new_rate:
                self._tell_rate()
            self._arrival.schedule(self._frame_ns)

    def _deliver(self) -> None:
        if self.line_control.rx_enable and (frame := self._incoming.pop()) is not None:
            self.receive(frame & 0xFF, frame >> 8)
        self._await_arrival()

    def _time_out(self) -> None:
        self.interrupt_source.rx_timeout = 1
        self._update_irq()

    @on_write(UartRegisters.InterruptMask, UartRegisters.InterruptSource)
    def _update_irq(self, *_: int) -> None:
        # GUESS: a level, so that handlers may take a byte at a time; wm_hal_uart.c masks it if bytes stay.
        is_filled = len(self._rx_fifo.held) >= RX_LEVELS[self.fifo_control.value >> 4 & 3]
        source = self.interrupt_source.value & ~RX_LEVEL | RX_LEVEL * is_filled
        self.interrupt_source.value = source
        self._irq(bool(source & ~self.interrupt_mask.value))

    def _on_reset(self, cause: ResetCause) -> None:
        self._tx_fifo.clear()
        self._rx_fifo.clear()
        self._tx_done_ns = None
        for deadline in (self._tx_news, self._tx_told, self._arrival, self._timeout):
            deadline.cancel()
        self._time_frame()
        self._update_irq()
        self._update_requests(0)
