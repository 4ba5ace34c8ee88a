"""SPI master, by default with nothing on its wires, or slave of a master that a board plays.

Layout: wm_spi_reg_struct.h; how it is driven: wm_hal_spi_master.c (both wm_iot_sdk). When it waits, and what
sets the flags: chapter 13 of the W600's register manual, which has the same registers.
"""

from __future__ import annotations

from collections.abc import Callable

from peripherals.framework.deadline import Deadline
from peripherals.framework.environment import NS_PER_SECOND, Environment, Line
from peripherals.framework.fields import ro, rw, unmodelled, w1c, wo
from peripherals.framework.fifo import Fifo
from peripherals.framework.peripheral import Peripheral, on_peek, on_read, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause

FIFO_DEPTH = 32
WORD_BYTES = 4
BITS_PER_BYTE = 8
ROW_BYTES = 1024
RX_DMA, TX_DMA = 1 << 1, 1 << 0
"""Of the mode."""
RX_READY = 1 << 1
"""Of the interrupt status."""


def _nothing_connected(sent: bytes) -> bytes:
    """Answer zeros: what README_EN.md of examples/peripheral/spi_master shows of a board."""
    return bytes(len(sent))


class Spi(Peripheral):
    """Shifts words from its TX to its RX FIFO; `exchange` gets the bytes sent and gives as many received.

    A transfer waits for room for what it receives, and for data to send unless it is `continuous`. A slave
    cannot wait: `shift` is the master's clock, and what is lost sets the flags. `select_line` gets the level
    that the master puts on its own select line. `tx_ahead` gives up to so many bytes that the DMA would bring
    word by word: they are shifted in a row, which is the same on the wires, and less work.
    """

    # fmt: off
    class Channel(Register):
        rx_skipped_bits  = rw(30, 23, "received first, and not kept")
        clear_fifos      = wo(22, doc="and stop what is going on")
        continuous       = rw(21, doc="without data to send zeros go out")
        rx_enable        = rw(20)
        tx_enable        = rw(19)
        length_bits      = rw(18, 3)
        idle_level       = rw(2, doc="of the select line; what it is, if software makes it")
        select_by_software = rw(1)
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
        clock_phase      = rw(1)
        clock_polarity   = rw(0)

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
        rx_overrun       = w1c(5, doc="slaves only: a master waits")
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
        sent_bits        = ro(31, 16, "while selected")
        received_bits    = ro(15, 0)

    channel          = at(0x00, Channel)
    config           = at(0x04, Config, reset=0x4)
    clock            = at(0x08, Clock)
    mode             = at(0x0C, Mode)
    interrupt_mask   = at(0x10, InterruptMask, reset=0xFF)
    interrupt_status = at(0x14, InterruptStatus)
    status           = at(0x18, Status)
    timeout          = at(0x1C, Timeout)
    tx_data          = at(0x20, TxData)
    other_formats    = at(0x24, OtherFormats)
    slave_length     = at(0x28, SlaveLength)
    rx_data          = at(0x30, RxData)
    # fmt: on

    saved_state = (
        "_tx",
        "_rx",
        "_left_bits",
        "_skip_bytes",
        "_shifting",
        "_word_end",
        "_waits_for_data",
        "_is_selected",
    )

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self.exchange: Callable[[bytes], bytes] = _nothing_connected
        self.tx_request: Line = lambda level: None
        self.rx_request: Line = lambda level: None
        self.select_line: Line = lambda level: None
        self.tx_ahead: Callable[[int], bytes] = lambda most_bytes: b""
        self._irq = irq
        self._word_end = Deadline(environment.clock, self._finish_word)  # of that in the shift register
        self._tx, self._rx = Fifo(FIFO_DEPTH), Fifo(FIFO_DEPTH)
        self._left_bits = self._skip_bytes = 0
        self._shifting = b""
        self._waits_for_data = False
        self._is_selected = False  # by a master

    @property
    def clock_mode(self) -> int:
        """0 to 3, as data sheets number them: what whoever is on the wires has to have, too."""
        return self.config.clock_polarity << 1 | self.config.clock_phase

    @property
    def bit_ns(self) -> int:
        """How long a bit is on the wires."""
        return round(2 * (self.clock.divider + 1) * NS_PER_SECOND / self.environment.frequencies.apb_hz)

    def shift(self, sent: bytes) -> bytes:
        """Clock bytes in as the master of this slave, at once, and give as many back; zeros from a master.

        It selects the slave, until `deselect`. FIFOs hold 32 bytes: whoever sends more than the DMA takes has
        to leave the firmware time in between.
        """
        if self.config.master:
            return bytes(len(sent))
        if not self._is_selected:
            self._is_selected = True
            self.slave_length.value = 0
        answer = bytearray()
        for start in range(0, len(sent), WORD_BYTES):
            received = sent[start : start + WORD_BYTES]
            if self.channel.tx_enable and not len(self._tx):
                self.interrupt_status.tx_underrun = 1
            answer += self._next_word()[: len(received)]
            self._receive(received)
            self._tell_room()
            self._update_lines()
        bits = BITS_PER_BYTE * len(sent)
        self.slave_length.sent_bits += bits * self.channel.tx_enable
        self.slave_length.received_bits += bits * self.channel.rx_enable
        return bytes(answer)

    def deselect(self) -> None:
        """End what the master has begun with `shift`."""
        if self._is_selected:
            self._is_selected = False
            self.interrupt_status.done = 1  # W806 manual, 14.4.7: of masters and slaves
            self._update_lines()

    @on_write(Channel)
    def _control(self, _: int) -> None:
        if self.channel.clear_fifos:
            self._stop()
        if self.channel.start and self.config.master:
            self._waits_for_data = False
            self._left_bits = self.channel.length_bits
            self._skip_bytes = self.channel.rx_skipped_bits // BITS_PER_BYTE
        self._update_select()
        self._proceed()

    def _update_select(self) -> None:
        """Select while a transfer is under way, unless software does it."""
        # With software the bit is the level itself: W806 manual, 14.4.2.
        is_under_way = self._left_bits > 0 or self._word_end.due_ns is not None
        is_idle = bool(self.channel.select_by_software or not is_under_way)
        self.select_line(bool(self.channel.idle_level) is is_idle)

    def _proceed(self) -> None:
        """Shift the next word as soon as it is there, and room for its answer."""
        if self._left_bits and self._word_end.due_ns is None:
            size_bytes = min(-(-self._left_bits // BITS_PER_BYTE), WORD_BYTES)
            channel = self.channel
            has_room = not channel.rx_enable or self._rx.free >= size_bytes
            if has_room and channel.tx_enable and not channel.continuous and not len(self._tx):
                self._wait_for_data()
            elif has_room:
                self._begin_word(size_bytes)
        self._update_lines()

    def _wait_for_data(self) -> None:
        if not self._waits_for_data:
            self._waits_for_data = True
            self.interrupt_status.tx_underrun = 1  # GUESS: also before the first word
            self._tell_room()

    def _begin_word(self, size_bytes: int) -> None:
        self._waits_for_data = False
        self._shifting = self._row() or self._next_word()[:size_bytes]
        bits = min(self._left_bits, len(self._shifting) * BITS_PER_BYTE)
        self._left_bits -= bits
        clocks = bits * 2 * (self.clock.divider + 1)
        self._word_end.schedule(-(-clocks * NS_PER_SECOND // self.environment.frequencies.apb_hz))
        self._tell_room()

    def _row(self) -> bytes:
        """Take many words that the DMA sends, if nobody has to see each of them."""
        sends_only = self.channel.tx_enable and not self.channel.rx_enable and not self.config.big_endian
        waiting = len(self._tx)
        most_bytes = min(ROW_BYTES, self._left_bits // BITS_PER_BYTE - FIFO_DEPTH) - waiting
        if not (sends_only and self.mode.tx_dma and most_bytes > 0):
            return b""
        ahead = self.tx_ahead(most_bytes)
        if not ahead:
            return b""
        return bytes(self._tx.pop() or 0 for _ in range(waiting)) + ahead

    def _tell_room(self) -> None:
        if self.channel.tx_enable and len(self._tx) <= WORD_BYTES * self.mode.tx_level:
            self.interrupt_status.tx_ready = 1

    def _next_word(self) -> bytes:
        """Give the bytes to send in their order, zeros for what is not there."""
        sent = bytes(self._tx.pop() or 0 if self.channel.tx_enable else 0 for _ in range(WORD_BYTES))
        return sent[::-1] if self.config.big_endian else sent

    def _receive(self, data: bytes) -> None:
        skipped = min(self._skip_bytes, len(data))
        self._skip_bytes -= skipped
        if self.channel.rx_enable:
            kept, room = data[skipped:], self._rx.free
            self._rx.push_all(kept[:room])
            if len(kept) > room:
                self.interrupt_status.rx_overrun = 1

    def _finish_word(self) -> None:
        self._receive(self.exchange(self._shifting))
        if not self._left_bits:
            self.interrupt_status.done = 1
            self._update_select()
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
        word = self._first()
        for _ in range(WORD_BYTES):
            self._rx.pop()
        self._proceed()
        return word

    @on_peek(RxData)
    def _first(self) -> int:
        content = bytes(self._rx.save()[:WORD_BYTES]).ljust(WORD_BYTES, b"\0")
        return int.from_bytes(content, "big" if self.config.big_endian else "little")

    @on_read(Status, steady=True)
    def _levels(self) -> int:
        is_busy = self._left_bits > 0 or self._word_end.due_ns is not None or self._is_selected
        return is_busy << 12 | len(self._rx) << 6 | len(self._tx)  # plain bits, for speed

    @on_write(Mode, InterruptMask, InterruptStatus)
    def _update_lines(self, _: int = 0) -> None:
        # Plain bits instead of fields, for speed.
        mode, status = self.mode.value, self.interrupt_status.value
        # A level, so that a handler may take a word at a time: W806 manual, 14.4.7.
        is_ready = len(self._rx) > WORD_BYTES * (mode >> 6 & 7)
        status = self.interrupt_status.value = status | RX_READY if is_ready else status & ~RX_READY
        self._irq(status & ~self.interrupt_mask.value & 0xFF != 0)
        self.tx_request(bool(mode & TX_DMA and len(self._tx) <= WORD_BYTES * (mode >> 2 & 7)))
        self.rx_request(bool(mode & RX_DMA and is_ready))

    def _stop(self) -> None:
        self._tx.clear()
        self._rx.clear()
        self._left_bits = self._skip_bytes = 0
        self._word_end.cancel()
        self._waits_for_data = self._is_selected = False

    def _on_reset(self, cause: ResetCause) -> None:
        self._stop()
        self._update_lines()
