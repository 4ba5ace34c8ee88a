"""SPI master with nothing on its wires.

Layout: wm_spi_reg_struct.h; how it is driven: wm_hal_spi_master.c (both wm_iot_sdk).
"""

from __future__ import annotations

from typing import Final

from peripherals.framework.countdown import Countdown
from peripherals.framework.environment import Environment, Line
from peripherals.framework.fields import ro, rw, unmodelled, w1c, wo
from peripherals.framework.fifo import Fifo
from peripherals.framework.peripheral import Peripheral, on_read, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause

FIFO_DEPTH: Final = 32
WORD_BYTES: Final = 4
WORD_BITS: Final = 32
IDLE_LEVEL: Final = 0xFF
"""GUESS: what comes in where nobody drives the wire."""


class Spi(Peripheral):
    """Sends what it is given at the speed of the bus and receives as many bytes, all the same.

    `send_request` and `receive_request` are high while the DMA may write or has to read a word.
    """

    # fmt: off
    class Channel(Register):
        invalid_bits  = unmodelled(30, 23, "none are dropped at the beginning of what is received")
        clear_fifo    = wo(22)
        continuous    = rw(21, doc="chip select stays between transfers")
        receive       = rw(20)
        transmit      = rw(19)
        bits          = rw(18, 3)
        chip_select   = rw(2, 1)
        start         = rw(0, doc="GUESS: reads as 1 while it transfers")

    class Format(Register):
        frame         = unmodelled(18, 17, "frames of TI and microwire are sent like the others")
        lines         = rw(16, 3, "byte order, delays, who drives: nothing listens")
        master        = rw(2)
        clock         = rw(1, 0, "polarity and phase")

    class Clock(Register):
        divider       = rw(15, 0, "of the APB clock, by 2 * (divider + 1)")

    class Mode(Register):
        receive_level = rw(8, 6)
        send_level    = rw(4, 2)
        receive_dma   = rw(1)
        send_dma      = rw(0)

    class InterruptMask(Register):
        masked        = rw(7, 0)

    class InterruptStatus(Register):
        timeout       = w1c(7)
        done          = w1c(6)
        errors        = w1c(5, 2, "overruns and underruns; none happens")
        receive_ready = w1c(1)
        send_ready    = w1c(0)

    class Status(Register):
        busy          = ro(12)
        receive_count = ro(11, 6, "bytes in the FIFO")
        send_count    = ro(5, 0)

    class Timeout(Register):
        clocks        = unmodelled(31, 0, "it never runs out")

    class SendData(Register):
        word          = wo(31, 0)

    class OtherFormats(Register):
        lengths       = unmodelled(31, 0, "of TI and microwire frames, which are sent like the others")

    class SlaveLengths(Register):
        lengths       = ro(31, 0)

    class ReceivedData(Register):
        word          = ro(31, 0)

    channel          = at(0x00, Channel)
    format           = at(0x04, Format)
    clock            = at(0x08, Clock)
    mode             = at(0x0C, Mode)
    interrupt_mask   = at(0x10, InterruptMask, reset=0xFF)
    interrupt_status = at(0x14, InterruptStatus)
    status           = at(0x18, Status)
    timeout          = at(0x1C, Timeout)
    send_data        = at(0x20, SendData)
    other_formats    = at(0x24, OtherFormats)
    slave_lengths    = at(0x28, SlaveLengths)
    received_data    = at(0x30, ReceivedData)
    # fmt: on

    saved_state = ("_to_send", "_received", "_word", "_bits_left")

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self.send_request: Line = lambda level: None
        self.receive_request: Line = lambda level: None
        self._irq = irq
        self._to_send = Fifo(FIFO_DEPTH)
        self._received = Fifo(FIFO_DEPTH)
        self._bits_left = 0
        self._word = Countdown(environment.clock, self._end_word, periodic=False)

    def clocks_changed(self) -> None:
        """Count the new APB clock from here on."""
        self._word.frequency_hz = self.environment.frequencies.apb_hz

    def clocks_stopped(self, are_stopped: bool) -> None:
        """Stand still in sleep."""
        self._word.hold(are_stopped)

    @on_write(Channel)
    def _control(self, _: int) -> None:
        if self.channel.clear_fifo:
            self.channel.clear_fifo = 0
            self._to_send.clear()
            self._received.clear()
        if self.channel.start and not self._word.is_running and self.channel.bits:
            self._bits_left = self.channel.bits
            self._begin_word()
        self.channel.start = int(self._word.is_running)
        self._update_requests()

    @on_write(SendData)
    def _push(self, word: int) -> None:
        for byte in word.to_bytes(WORD_BYTES, "little"):
            self._to_send.push(byte)
        self._update_requests()

    @on_read(ReceivedData, consumes=True)
    def _pop(self) -> int:
        word = bytes(self._received.pop() or 0 for _ in range(WORD_BYTES))
        self._update_requests()
        return int.from_bytes(word, "little")

    @on_read(Status)
    def _read_status(self) -> int:
        self.status.busy = int(self._word.is_running)
        self.status.send_count = len(self._to_send)
        self.status.receive_count = len(self._received)
        return self.status.value

    @on_write(InterruptMask, InterruptStatus)
    def _update_irq(self, _: int = 0) -> None:
        self._irq(bool(self.interrupt_status.value & ~self.interrupt_mask.value))

    @on_write(Mode)
    def _update_requests(self, _: int = 0) -> None:
        is_running = self._word.is_running
        self.receive_request(bool(self.mode.receive_dma and len(self._received) >= WORD_BYTES))
        self.send_request(bool(self.mode.send_dma and is_running and self._to_send.free >= WORD_BYTES))

    def _begin_word(self) -> None:
        self._word.restart(min(self._bits_left, WORD_BITS) * 2 * (self.clock.divider + 1))

    def _end_word(self, _: int) -> None:
        bits = min(self._bits_left, WORD_BITS)
        self._bits_left -= bits
        if self.channel.transmit:
            for _byte in range(WORD_BYTES):
                self._to_send.pop()
        if self.channel.receive:
            for _byte in range(-(-bits // 8)):
                self._received.push(IDLE_LEVEL)
        if self._bits_left:
            self._begin_word()
        else:
            self._finish()
        self._update_requests()

    def _finish(self) -> None:
        self.channel.start = 0
        self.interrupt_status.done = 1
        # GUESS: the levels at which a FIFO is ready do not matter once a transfer is over.
        self.interrupt_status.send_ready = 1
        self.interrupt_status.receive_ready |= int(len(self._received) > 0)
        self._update_irq()

    def _on_reset(self, cause: ResetCause) -> None:
        self.clocks_changed()
        self._bits_left = 0
        self._word.restart(0)
        self._to_send.clear()
        self._received.clear()
        self._on_restore()

    def _on_restore(self) -> None:
        self._update_requests()
        self._update_irq()
