"""SDIO host: the master of an SD card's wires, or of SPI on the same pins; by default with nothing on them.

Layout: wm_sdh_reg_struct.h; how it is driven: wm_hal_sdh.c (both wm_iot_sdk), wm_sdio_host.c (W800 SDK 1.x).
"""

from __future__ import annotations

from collections import deque
from enum import IntEnum
from typing import Final

from peripherals.framework.deadline import Deadline
from peripherals.framework.environment import NS_PER_SECOND, Environment, Line
from peripherals.framework.peripheral import on_peek, on_read, on_write
from peripherals.framework.reset import ResetCause
from peripherals.sd_wires import NothingConnected, SdWires, crc7
from peripherals.sdio_host_registers import BUFFER_BYTES, BUFFER_WORDS, SdioHostRegisters

_COMMAND_BYTES: Final = 5
"""Of the 6 on the wires: the last is the checksum, which the block makes."""
_LONG_RESPONSE_BYTES: Final = 17
_COMMAND_CLOCKS: Final = 48
_NULL_CLOCKS: Final = 8
_GAP_CLOCKS: Final = 8  # GUESS: before a response, and before data; the specification says at least 2
_ACCEPTED: Final = 0b010


class CommandPhase(IntEnum):
    """What the CMD line is used for."""

    IDLE, SENDING, RECEIVING, NULL_CLOCKS = range(4)


class DataPhase(IntEnum):
    """What the DAT lines are used for; waiting: for room, or for data to send; done: words may be left."""

    IDLE, WAITING, BLOCK, BUSY, TIMEOUT, DONE = range(6)


class SdioHost(SdioHostRegisters):
    """Sends commands and moves blocks through a buffer of 128 words, which the CPU or the DMA serves.

    The clock stands still while a block lacks data, or room. In SPI mode bytes pass, ones while it reads.
    """

    saved_state = (
        *("_fifo", "_command_end", "_command_phase", "_frame", "_response"),
        *("_data_end", "_data_phase", "_block", "_left_bytes", "_is_read", "_is_asking"),
    )

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self.wires: SdWires = NothingConnected()
        self.dma_request: Line = lambda level: None
        self._irq = irq
        self._fifo: deque[int] = deque()
        self._command_end = Deadline(environment.clock, self._proceed_with_command)
        self._command_phase = CommandPhase.IDLE
        self._frame = self._response = b""
        self._data_end = Deadline(environment.clock, self._proceed_with_data)
        self._data_phase = DataPhase.IDLE
        self._block = b""  # which is being sent
        self._left_bytes = 0  # of the transfer, with the block on the wires
        self._is_read = False
        self._is_asking = False  # the DMA

    def _after(self, deadline: Deadline, clocks: int) -> None:
        deadline.schedule(-(-clocks * NS_PER_SECOND // self.bit_hz))

    @on_write(SdioHostRegisters.Io)
    def _begin(self, _: int) -> None:
        # GUESS: whatever asks for clocks on CMD starts them. wm_sdio_host.c writes the register once;
        # wm_hal_sdh.c bit by bit, so that those written while the command is out count, too.
        io = self.io
        if not (self.card_select.enable and self.card_select.clock_enable):
            return
        if io.data:
            self._begin_data(io.read, self.byte_count.bytes)
            return
        if not self.multi_block.blocks:
            self._stop_data()
        if self.control.sd_mode and (io.null_clocks or io.null_clocks_only or io.receive_response):
            self._begin_command()

    def _begin_command(self) -> None:
        if self._command_end.due_ns is not None:
            return
        if self.io.null_clocks_only:
            self._command_phase = CommandPhase.NULL_CLOCKS
            self._after(self._command_end, _NULL_CLOCKS)
        elif self.io.response_only:
            self._receive()
        else:
            content = bytes(each.byte for each in reversed(self.command_buffer[:_COMMAND_BYTES]))
            self.command_crc.crc = crc7(content)
            self._frame = content + bytes((self.command_crc.crc << 1 | 1,))
            self._command_phase = CommandPhase.SENDING
            self._after(self._command_end, _COMMAND_CLOCKS)

    def _proceed_with_command(self) -> None:
        if self._command_phase is CommandPhase.SENDING:
            self._response = self.wires.command(self._frame)
            if self.io.receive_response or self.multi_block.command_first:
                self._receive()
                return
        elif self._command_phase is CommandPhase.RECEIVING:
            if self._response:
                self._take_response()
            else:
                self.interrupts.response_timeout = 1
        if self._command_phase is not CommandPhase.NULL_CLOCKS and self.io.null_clocks:
            self._command_phase = CommandPhase.NULL_CLOCKS
            self._after(self._command_end, _NULL_CLOCKS)
            return
        self._finish_command()

    def _receive(self) -> None:
        """Wait for the response: for ever, if there is none, and no time-out is wanted."""
        self._command_phase = CommandPhase.RECEIVING
        if self._response:
            self._after(self._command_end, _GAP_CLOCKS + 8 * len(self._response))
        elif self.port.response_timeout:
            self._after(self._command_end, self.port.timeout_clocks or 1)
        else:
            self._command_phase = CommandPhase.IDLE

    def _take_response(self) -> None:
        # A long one comes without its last byte, at the first byte of the buffer (wm_sdio_host.c).
        response, self._response = self._response, b""
        content = response[:-1]
        for register, byte in zip(self.command_buffer, reversed(content), strict=False):
            register.byte = byte
        is_long = len(response) == _LONG_RESPONSE_BYTES
        checked = content[1:] if is_long else content
        is_bad = response[-1] >> 1 != crc7(checked) or is_long != bool(self.io.long_response)
        if self.crc_control.command_check:
            self.crc_control.command_error = is_bad
            self.interrupts.command_crc |= is_bad

    def _finish_command(self) -> None:
        self._command_phase = CommandPhase.IDLE
        self.io.transfer = 0
        self.interrupts.command_done = 1
        if self.multi_block.command_first:
            self._begin_blocks()
        self._update_lines()

    @on_write(SdioHostRegisters.MultiBlock)
    def _begin_many(self, _: int) -> None:
        if self.multi_block.command_first:
            self._begin_command()
        elif self.multi_block.blocks:
            self._begin_blocks()
        elif not self.io.data:
            self._stop_data()

    def _begin_blocks(self) -> None:
        self.blocks_done.blocks = 0
        self._begin_data(self.multi_block.read, self.block_count.blocks * self.block_bytes)

    def _begin_data(self, is_read: int, size_bytes: int) -> None:
        if self._data_phase not in (DataPhase.IDLE, DataPhase.DONE) or not size_bytes:
            return
        self._is_read = bool(is_read)
        self._left_bytes = size_bytes
        self.crc_control.data_error = 0
        if is_read:
            self._fifo.clear()  # GUESS: what nobody has fetched is gone
        self._data_phase = DataPhase.WAITING
        self._move()
        self._update_lines()

    def _move(self) -> None:
        """Begin the next block as soon as there is data, or room."""
        if self._data_phase is not DataPhase.WAITING:
            return
        size_bytes = min(self._left_bytes, self.block_bytes)
        words = -(-size_bytes // 4)
        if self._is_read and len(self._fifo) + words > BUFFER_WORDS:
            return
        if not self._is_read:
            if len(self._fifo) < words:
                return
            taken = (self._fifo.popleft() for _ in range(words))
            self._block = b"".join(word.to_bytes(4, "little") for word in taken)[:size_bytes]
        self._data_phase = DataPhase.BLOCK
        clocks = 8 * size_bytes
        if self.control.sd_mode:
            framing = 1 + 16 + 1 + (0 if self._is_read else 8)  # start, checksum, end; the CRC status
            clocks = _GAP_CLOCKS + clocks // self.lines + framing
        self._after(self._data_end, clocks)

    def _proceed_with_data(self) -> None:
        phase = self._data_phase
        if phase is DataPhase.TIMEOUT:
            self.interrupts.data_timeout = 1
            self._finish_data()
        elif phase is DataPhase.BUSY:
            self._finish_block()
        elif not self.control.sd_mode:
            self._pass_bytes()
        elif self._is_read:
            self._read_block()
        else:
            self._write_block()
        self._move()
        self._update_lines()

    def _pass_bytes(self) -> None:
        size_bytes = min(self._left_bytes, BUFFER_BYTES)
        received = self.wires.exchange(b"\xff" * size_bytes if self._is_read else self._block)
        if self._is_read:
            self._keep(received)
        self._finish_block()

    def _read_block(self) -> None:
        size_bytes = min(self._left_bytes, self.block_bytes)
        data = self.wires.read(size_bytes, self.lines)
        if not data:
            self._wait_for_timeout(self.multi_block.data_timeout)
            return
        if self.crc_control.data_check and len(data) != size_bytes:
            self.crc_control.data_error = self.interrupts.data_crc = 1
        self._keep(data[:size_bytes].ljust(size_bytes, b"\xff"))
        self._finish_block()

    def _write_block(self) -> None:
        status = self.signals.crc_status = self.wires.write(self._block, self.lines)
        if status != _ACCEPTED and self.crc_control.stop_at_error:
            self.interrupts.crc_status = 1
            self._finish_data()
            return
        busy_ns, timeout_ns = self.wires.busy_ns(), self.timeout_ns(self.multi_block.busy_timeout)
        if not busy_ns:
            self._finish_block()
        elif timeout_ns and busy_ns > timeout_ns:
            self._wait_for_timeout(self.multi_block.busy_timeout)
        else:
            self._data_phase = DataPhase.BUSY
            self._data_end.schedule(busy_ns)

    def _wait_for_timeout(self, scale: int) -> None:
        """Give up when the time is over; GUESS: with a count of 0, never."""
        self._data_phase = DataPhase.TIMEOUT
        if timeout_ns := self.timeout_ns(scale):
            self._data_end.schedule(timeout_ns)

    def _keep(self, data: bytes) -> None:
        padded = data.ljust(-(-len(data) // 4) * 4, b"\0")
        self._fifo.extend(int.from_bytes(padded[at : at + 4], "little") for at in range(0, len(padded), 4))

    def _finish_block(self) -> None:
        self._left_bytes -= min(self._left_bytes, self.block_bytes)
        self.blocks_done.blocks += 1
        if self._left_bytes:
            self._data_phase = DataPhase.WAITING
            return
        self.interrupts.data_done = 1
        self.interrupts.blocks_done |= self.multi_block.blocks or self.multi_block.command_first
        self._finish_data()

    def _finish_data(self) -> None:
        self._data_phase = DataPhase.DONE
        self._left_bytes = 0
        self.io.data = self.multi_block.blocks = self.multi_block.command_first = 0

    def _stop_data(self) -> None:
        self._data_phase = DataPhase.IDLE
        self._left_bytes = 0
        self._data_end.cancel()

    @on_write(SdioHostRegisters.Buffer)
    def _fill(self, index: int, word: int) -> None:
        if len(self._fifo) < BUFFER_WORDS:
            self._fifo.append(word)
        self._move()
        self._ask_dma()

    @on_read(SdioHostRegisters.Buffer, consumes=True)
    def _take(self, _: int) -> int:
        word = self._fifo.popleft() if self._fifo else 0
        self._move()
        self._ask_dma()
        return word

    @on_peek(SdioHostRegisters.Buffer)
    def _first(self, index: int) -> int:
        return self._fifo[index] if index < len(self._fifo) else 0

    @on_write(SdioHostRegisters.BufferControl)
    def _control_buffer(self, _: int) -> None:
        if self.buffer_control.flush:
            self._fifo.clear()
        self._update_lines()

    @on_read(SdioHostRegisters.BufferControl, steady=True)
    def _tell_buffer(self) -> int:
        shown = self.BufferControl()
        shown.value = self.buffer_control.value
        shown.empty, shown.full = int(not self._fifo), int(len(self._fifo) >= BUFFER_WORDS)
        return shown.value

    @on_read(SdioHostRegisters.Signals)
    def _tell_signals(self) -> int:
        shown = self.Signals()
        shown.command, shown.crc_status = 1, self.signals.crc_status
        shown.lines = 0b1110 | (not self.wires.busy_ns())
        return shown.value

    @on_write(SdioHostRegisters.InterruptMask, SdioHostRegisters.Interrupts)
    def _update_lines(self, _: int = 0) -> None:
        self._irq(bool(self.interrupts.value & self.interrupt_mask.enabled))
        self._ask_dma()

    def _ask_dma(self) -> None:
        control = self.buffer_control
        ready = BUFFER_WORDS - len(self._fifo) if control.write else len(self._fifo)
        # From its level on the DMA is asked for all that fits, or is there: not all blocks are multiples.
        self._is_asking = ready >= (1 if self._is_asking else control.dma_level or 1)
        self.dma_request(bool(control.dma and not control.dma_masked and self._is_asking))
        if self._data_phase is DataPhase.DONE and (not self._is_read or not self._fifo):
            self._data_phase = DataPhase.IDLE
            control.dma = 0
            self.dma_request(False)

    def _on_reset(self, cause: ResetCause) -> None:
        self._fifo.clear()
        self._command_end.cancel()
        self._command_phase = CommandPhase.IDLE
        self._frame = self._response = self._block = b""
        self._stop_data()
        self._update_lines()
