"""I2S master, by default with nothing on its wires.

Layout and meaning of every bit: wm_i2s_reg_struct.h; how it is driven: wm_hal_i2s.c (both wm_iot_sdk).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import IntEnum

from peripherals.framework.deadline import Deadline
from peripherals.framework.environment import NS_PER_SECOND, Environment, Line
from peripherals.framework.fields import choice, ro, rw, unmodelled, w1c, wo
from peripherals.framework.peripheral import Peripheral, on_peek, on_read, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause

FIFO_WORDS = 8


class SampleBits(IntEnum):
    """The values of `control.sample_bits`."""

    BITS_8, BITS_16, BITS_24, BITS_32 = range(4)


class I2s(Peripheral):
    """Sends words at the bit clock and receives as many; a slave waits for a master that is not there.

    `bit_hz` tells the bit clock, which RCC makes; `exchange` gets the word sent and gives the one received.
    """

    # fmt: off
    class Control(Register):
        slave        = rw(28)
        duplex       = unmodelled(27, doc="sending and receiving, what is enabled works at once")
        timeout      = unmodelled(26, doc="no master sends that could fall silent")
        format       = unmodelled(25, 24, "words are exchanged whole")
        left_only    = unmodelled(23, doc="words are exchanged whole")
        mono         = rw(22, doc="every sample takes both channels: wm_drv_ops_i2s.c counts two")
        rx_dma       = rw(21)
        tx_dma       = rw(20)
        rx_clear     = wo(19)
        tx_clear     = wo(18)
        zero_cross   = unmodelled(17, 16, "no zero crossing is looked for")
        rx_phase     = unmodelled(15, doc="words are exchanged whole")
        rx_threshold = rw(14, 12)
        tx_threshold = rw(11, 9)
        tx_phase     = unmodelled(8, doc="words are exchanged whole")
        sample_bits  = choice(5, 4, SampleBits)
        mute         = rw(3)
        rx_enable    = rw(2)
        tx_enable    = rw(1)
        enable       = rw(0)

    class InterruptMask(Register):
        """1 masks the flag of the same place."""

        masked       = rw(9, 0)

    class Flags(Register):
        tx           = ro(12)
        rx           = ro(11)
        any          = ro(10)
        left_zero    = w1c(9, doc="never: no zero crossing is looked for")
        right_zero   = w1c(8, doc="never")
        tx_done      = w1c(7)
        tx_ready     = ro(6)
        tx_overflow  = w1c(5)
        tx_underflow = w1c(4, doc="a word was due, and there was none: drivers see the end of sending by it")
        rx_done      = w1c(3, doc="never: no master ends a reception")
        rx_ready     = ro(2)
        rx_overflow  = w1c(1, doc="a word came in, and there was no room")
        rx_underflow = w1c(0)

    class Status(Register):
        valid_bytes  = ro(9, 8, "of the last word; 0: all four")
        tx_words     = ro(7, 4)
        rx_words     = ro(3, 0)

    class TxData(Register):
        word         = wo(31, 0)

    class RxData(Register):
        word         = ro(31, 0)

    control        = at(0x00, Control)
    interrupt_mask = at(0x04, InterruptMask, reset=0x3FF)  # as in the W600's register manual
    flags          = at(0x08, Flags)
    status         = at(0x0C, Status)
    tx_data        = at(0x10, TxData)
    rx_data        = at(0x14, RxData)
    # fmt: on

    saved_state = ("_tx", "_rx", "_word_end", "_is_filling")

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self.bit_hz: Callable[[], int] = lambda: 0
        self.exchange: Callable[[int], int] = lambda word: 0
        self.tx_request: Line = lambda level: None
        self.rx_request: Line = lambda level: None
        self._irq = irq
        self._word_end = Deadline(environment.clock, self._finish_word)
        self._tx: deque[int] = deque()
        self._rx: deque[int] = deque()
        self._is_filling = False  # the TX FIFO, from below its threshold until it is full

    def clocks_changed(self) -> None:
        """Go on with the new bit clock from the next word."""
        self._proceed()

    @on_write(Control)
    def _control(self, _: int) -> None:
        if self.control.tx_clear:
            self._tx.clear()
        if self.control.rx_clear:
            self._rx.clear()
        self._proceed()

    @on_write(TxData)
    def _send(self, data: int) -> None:
        if len(self._tx) < FIFO_WORDS:
            self._tx.append(data)
        else:
            self.flags.tx_overflow = 1
        self._proceed()

    @on_read(RxData, consumes=True)
    def _take(self) -> int:
        self.flags.rx_underflow |= not self._rx
        word = self._rx.popleft() if self._rx else 0
        self._proceed()
        return word

    @on_peek(RxData)
    def _first(self) -> int:
        return self._rx[0] if self._rx else 0

    @on_read(Status, steady=True)
    def _count(self) -> int:
        shown = self.Status()
        shown.tx_words, shown.rx_words = len(self._tx), len(self._rx)
        return shown.value

    def _proceed(self) -> None:
        """Let the word on the wires take its time, as long as it changes a FIFO or sets a flag at its end."""
        control, flags = self.control, self.flags
        runs = control.enable and not control.slave and self.bit_hz()
        sends = control.tx_enable and (self._tx or not flags.tx_underflow)
        receives = control.rx_enable and (len(self._rx) < FIFO_WORDS or not flags.rx_overflow)
        if not runs:
            self._word_end.cancel()
        elif self._word_end.due_ns is None and (sends or receives):
            self._word_end.schedule(self._word_bits() * NS_PER_SECOND // self.bit_hz())
        self._update_lines()

    @property
    def sample_bits(self) -> int:
        """8, 16, 24 or 32."""
        return 8 * (self.control.sample_bits + 1)

    def samples_of(self, word: int) -> bytes:
        """The samples in a word, the first of them first, each with its low byte first."""
        # GUESS: as they lie in memory, where drivers have them as in a WAV file.
        return word.to_bytes(4, "little")[: 3 if self.sample_bits == 24 else 4]

    def _word_bits(self) -> int:
        # GUESS: a word in the FIFO is two samples of 16 bits, four of 8, or one.
        bits = 24 if self.control.sample_bits is SampleBits.BITS_24 else 32
        return bits * (2 if self.control.mono else 1)

    def _finish_word(self) -> None:
        sent = 0
        if self.control.tx_enable:
            # A FIFO counts its word on the wires, so that it runs dry a word after it is seen to be empty.
            self.flags.tx_underflow |= not self._tx
            self.flags.tx_done |= len(self._tx) == 1
            sent = self._tx.popleft() if self._tx else 0
        received = self.exchange(0 if self.control.mute else sent)
        if self.control.rx_enable:
            if len(self._rx) < FIFO_WORDS:
                self._rx.append(received)
            else:
                self.flags.rx_overflow = 1
        self._proceed()

    @on_write(InterruptMask, Flags)
    def _acknowledge(self, _: int) -> None:
        self._proceed()

    def _update_lines(self) -> None:
        control, flags = self.control, self.flags
        flags.tx_ready = int(len(self._tx) <= control.tx_threshold)
        flags.rx_ready = int(len(self._rx) >= max(control.rx_threshold, 1))  # GUESS: 0 means the same as 1
        unmasked = flags.value & ~self.interrupt_mask.masked
        flags.rx, flags.tx = int(bool(flags.value & 0x00F)), int(bool(flags.value & 0x0F0))
        flags.any = flags.rx | flags.tx
        self._irq(bool(unmasked & self.InterruptMask.masked.mask))
        lowest = max(control.tx_threshold, 1)
        self._is_filling = len(self._tx) < (FIFO_WORDS if self._is_filling else lowest)
        self.tx_request(bool(control.tx_dma and self._is_filling))
        self.rx_request(bool(control.rx_dma and flags.rx_ready))

    def _on_reset(self, cause: ResetCause) -> None:
        self._tx.clear()
        self._rx.clear()
        self._word_end.cancel()
        self._update_lines()
