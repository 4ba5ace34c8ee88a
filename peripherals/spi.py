"""SPI master, by default with nothing on its wires.

Layout: wm_spi_reg_struct.h; how it is driven: wm_hal_spi_master.c (both wm_iot_sdk).
"""

from __future__ import annotations

from collections.abc import Callable

from peripherals.framework.countdown import NS_PER_SECOND
from peripherals.framework.environment import Environment, Line
from peripherals.framework.fields import ro, rw, unmodelled, w1c, wo
from peripherals.framework.fifo import Fifo
from peripherals.framework.peripheral import Peripheral, on_read, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause

FIFO_DEPTH = 32
WORD_BYTES = 4
BITS_PER_BYTE = 8


def _nothing_connected(sent: bytes) -> bytes:
    """Answer zeros: what README_EN.md of examples/peripheral/spi_master shows of a board."""
    return bytes(len(sent))


class Spi(Peripheral):
    """Shifts words from its TX to its RX FIFO; `exchange` gets the bytes sent and gives as many received.

    A transfer waits for room for what it receives; without data to send it sends zeros.
    """

    # fmt: off
    class Channel(Register):
        rx_skipped_bits  = rw(30, 23, "received first, and not kept")
        clear_fifos      = wo(22)
        continuous       = unmodelled(21, doc="nobody sees the select line")
        rx_enable        = rw(20)
        tx_enable        = rw(19)
        length_bits      = rw(18, 3)
        select           = unmodelled(2, 1, "nobody sees the select line")
        start            = wo(0)

    class Config(Register):
        frame_format     = unmodelled(18, 17, "all frames are Motorola's, the kind of 0")
        always_drive     = unmodelled(16, doc="bytes are exchanged whole")
        hold_time        = unmodelled(14, 12, "bytes are exchanged whole")
        setup_time       = unmodelled(11, 9, "bytes are exchanged whole")
        output_delay     = unmodelled(8, 7, "bytes are exchanged whole")
        frame_delay      = unmodelled(6, 4, "bytes are exchanged whole")
        big_endian       = rw(3, doc="1: the high byte of a word is the first")
        master           = rw(2)
        clock_mode       = unmodelled(1, 0, "bytes are exchanged whole")

    class Clock(Register):
        divider          = rw(15, 0, "bit clock = APB clock / (2 * (divider + 1))")

    class Mode(Register):
        rx_level         = rw(8, 6, "in words")
        tx_level         = rw(4, 2, "in words")
        rx_dma           = rw(1)
        tx_dma           = rw(0)

    class InterruptMask(Register):
        """1 masks."""

        masked           = rw(7, 0)

    class InterruptStatus(Register):
        timeout          = w1c(7, doc="never here: its timer is not modelled")
        done             = w1c(6)
        rx_overrun       = w1c(5, doc="never: the transfer waits")
        rx_underrun      = w1c(4)
        tx_overrun       = w1c(3)
        tx_underrun      = w1c(2)
        rx_ready         = w1c(1)
        tx_ready         = w1c(0)

    class Status(Register):
        busy             = ro(12)
        rx_bytes         = ro(11, 6)
        tx_bytes         = ro(5, 0)

    class Timeout(Register):
        timer            = unmodelled(31, 0, "it never runs out")

    class TxData(Register):
        word             = wo(31, 0)

    class RxData(Register):
        word             = ro(31, 0)

    class OtherFormats(Register):
        lengths          = unmodelled(29, 0, "all frames are Motorola's")

    class SlaveLength(Register):
        lengths          = ro(31, 0, "nobody is its master")

    channel          = at(0x00, Channel)
    config           = at(0x04, Config, reset=0x4)
    clock            = at(0x08, Clock)
    mode             = at(0x0C, Mode)
    interrupt_mask   = at(0x10, InterruptMask, reset=0xFF)  # GUESS: all masked; the driver sets it first
    interrupt_status = at(0x14, InterruptStatus)
    status           = at(0x18, Status)
    timeout          = at(0x1C, Timeout)
    tx_data          = at(0x20, TxData)
    other_formats    = at(0x24, OtherFormats)
    slave_length     = at(0x28, SlaveLength)
    rx_data          = at(0x30, RxData)
    # fmt: on

    saved_state = ("_tx", "_rx", "_left_bits", "_skip_bytes", "_shifting", "_shifted_ns")

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self.exchange: Callable[[bytes], bytes] = _nothing_connected
        self.tx_request: Line = lambda level: None
        self.rx_request: Line = lambda level: None
        self._irq = irq
        self._alarm = environment.clock.alarm(self._finish_word)
        self._tx, self._rx = Fifo(FIFO_DEPTH), Fifo(FIFO_DEPTH)
        self._left_bits = self._skip_bytes = 0
        self._shifting: list[int] = []
        self._shifted_ns: int | None = None  # when the word in the shift register is out

    @on_write(Channel)
    def _control(self, _: int) -> None:
        if self.channel.clear_fifos:
            self._tx.clear()
            self._rx.clear()
        if self.channel.start and self.config.master:
            self._left_bits = self.channel.length_bits
            self._skip_bytes = self.channel.rx_skipped_bits // BITS_PER_BYTE
        self._proceed()

    def _proceed(self) -> None:
        """Shift the next word as soon as there is room for its answer."""
        size_bytes = min(-(-self._left_bits // BITS_PER_BYTE), WORD_BYTES)
        lacks_room = self.channel.rx_enable and self._rx.free < size_bytes
        if size_bytes and self._shifted_ns is None and not lacks_room:
            self._shifting = self._next_word()[:size_bytes]
            bits = min(self._left_bits, WORD_BYTES * BITS_PER_BYTE)
            self._left_bits -= bits
            clocks = bits * 2 * (self.clock.divider + 1)
            duration_ns = -(-clocks * NS_PER_SECOND // self.environment.frequencies.apb_hz)
            self._shifted_ns = self.environment.clock.now_ns + duration_ns
            self._alarm.schedule(duration_ns)
            if self.channel.tx_enable and len(self._tx) <= WORD_BYTES * self.mode.tx_level:
                self.interrupt_status.tx_ready = 1
        self._update_lines()

    def _next_word(self) -> list[int]:
        """Give the bytes to send in their order; the driver receives without any, too."""
        if self.channel.tx_enable and not len(self._tx):
            self.interrupt_status.tx_underrun = 1
        sent = [self._tx.pop() or 0 if self.channel.tx_enable else 0 for _ in range(WORD_BYTES)]
        return sent[::-1] if self.config.big_endian else sent

    def _finish_word(self) -> None:
        self._shifted_ns = None
        for byte in self.exchange(bytes(self._shifting)):
            if self._skip_bytes:
                self._skip_bytes -= 1
            elif self.channel.rx_enable:
                self._rx.push(byte)
        if self.channel.rx_enable and len(self._rx) > WORD_BYTES * self.mode.rx_level:
            self.interrupt_status.rx_ready = 1
        if not self._left_bits:
            self.interrupt_status.done = 1
        self._proceed()

    @on_write(TxData)
    def _send(self, data: int) -> None:
        if self._tx.free < WORD_BYTES:
            self.interrupt_status.tx_overrun = 1
        else:
            for byte in data.to_bytes(WORD_BYTES, "little"):
                self._tx.push(byte)
        self._proceed()

    @on_read(RxData, consumes=True)
    def _take(self) -> int:
        if not len(self._rx):
            self.interrupt_status.rx_underrun = 1
        received = [self._rx.pop() for _ in range(min(len(self._rx), WORD_BYTES))]
        content = bytes(byte or 0 for byte in received).ljust(WORD_BYTES, b"\0")
        self._proceed()
        return int.from_bytes(content, "big" if self.config.big_endian else "little")

    @on_read(Status)
    def _levels(self) -> int:
        self.status.tx_bytes, self.status.rx_bytes = len(self._tx), len(self._rx)
        self.status.busy = int(self._left_bits > 0 or self._shifted_ns is not None)
        return self.status.value

    @on_write(Mode, InterruptMask, InterruptStatus)
    def _update_lines(self, _: int = 0) -> None:
        mode = self.mode
        self._irq(bool(self.interrupt_status.value & ~self.interrupt_mask.masked))
        self.tx_request(bool(mode.tx_dma and len(self._tx) <= WORD_BYTES * mode.tx_level))
        self.rx_request(bool(mode.rx_dma and len(self._rx) > WORD_BYTES * mode.rx_level))

    def _on_reset(self, cause: ResetCause) -> None:
        self._tx.clear()
        self._rx.clear()
        self._left_bits = self._skip_bytes = 0
        self._shifted_ns = None
        self._on_restore()

    def _on_restore(self) -> None:
        if self._shifted_ns is None:
            self._alarm.cancel()
        else:
            self._alarm.schedule(self._shifted_ns - self.environment.clock.now_ns)
        self._update_lines()
