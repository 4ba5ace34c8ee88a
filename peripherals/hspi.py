"""High-speed SPI slave: what its master reads and writes on the wires, by way of the SDIO wrapper.

Layout: wm_hspi_reg_struct.h; what a master does: README_EN.md and the host's code in
examples/peripheral/hspi_slave (both wm_iot_sdk); behaviour: chapter 10 of the W600's register manual.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from peripherals.framework.environment import Environment, Line
from peripherals.framework.fields import rw, unmodelled, w1c, wo
from peripherals.framework.peripheral import Peripheral, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause
from peripherals.sdio_wrapper import SdioWrapper

WORD_BYTES: Final = 4
HALFWORD_BYTES: Final = 2
WRITE: Final = 0x80


class HostRegister(IntEnum):
    """The first byte of a frame on the wires, with WRITE added to write."""

    DATA = 0x00
    COMMAND = 0x01
    FRAME_BYTES = 0x02
    BUFFERS = 0x03
    INTERRUPT_MASK = 0x05
    INTERRUPT = 0x06
    LAST_DATA = 0x10
    LAST_COMMAND = 0x11


class Hspi(Peripheral):
    """Answers its master in `exchange`; `ready` is its wire to it, active from a new frame until it asks."""

    # fmt: off
    class ClearFifos(Register):
        clear         = wo(0)

    class Config(Register):
        big_endian    = rw(3)
        always_drive  = unmodelled(2, doc="bytes are exchanged whole")
        clock_mode    = unmodelled(1, 0, "bytes are exchanged whole")

    class Mode(Register):
        burst         = unmodelled(0, doc="the memory takes no time")

    class InterruptMask(Register):
        """1 masks the flag of the same place."""

        masked        = rw(1, 0)

    class InterruptStatus(Register):
        rx_overrun    = w1c(1, doc="the master sends, and there is no buffer")
        tx_underrun   = w1c(0, doc="the master reads, and there is no frame")

    class FrameLength(Register):
        size_bytes    = unmodelled(15, 0, "the master hears the length that is in the descriptor")

    clear_fifos       = at(0x00, ClearFifos)
    config            = at(0x04, Config)
    mode              = at(0x08, Mode)
    interrupt_mask    = at(0x0C, InterruptMask, reset=0x3)
    interrupt_status  = at(0x10, InterruptStatus)
    frame_length      = at(0x18, FrameLength)
    # fmt: on

    saved_state = ("_data", "_command", "_fetched_bytes", "_is_ready", "_host_mask")

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self.ready: Line = lambda level: None
        self._wrapper: SdioWrapper  # from `connect` on
        self._irq = irq
        self._data = self._command = b""  # of which the last part has not come in yet
        self._fetched_bytes = 0  # of the frame that goes out
        self._is_ready = False
        self._host_mask = 0

    def connect(self, wrapper: SdioWrapper) -> None:
        """Put the block in front of its wrapper."""
        self._wrapper = wrapper
        wrapper.on_frame = self._tell_frame

    def exchange(self, sent: bytes) -> bytes:
        """Take what a master sends while it selects the slave, register and data; give as many bytes back."""
        if not sent:
            return b""
        register, data = sent[0], sent[1:]
        if register & WRITE:
            self._write_from_host(register & ~WRITE, data)
            answer = b""
        else:
            answer = self._read_by_host(register, len(data))
        return bytes(1) + answer[: len(data)].ljust(len(data), b"\0")

    def _write_from_host(self, register: int, data: bytes) -> None:
        words = self._ordered(data[: len(data) // WORD_BYTES * WORD_BYTES], WORD_BYTES)
        match register:
            case HostRegister.DATA:
                self._data += words
            case HostRegister.COMMAND:
                self._command += words
            case HostRegister.LAST_DATA:
                frame, self._data = self._data + words, b""
                # GUESS: what has no buffer overruns; no driver looks.
                self.interrupt_status.rx_overrun |= not self._wrapper.take_frame(frame)
            case HostRegister.LAST_COMMAND:
                command, self._command = self._command + words, b""
                self.interrupt_status.rx_overrun |= not self._wrapper.take_command(command)
            case HostRegister.INTERRUPT_MASK:
                self._host_mask = int.from_bytes(self._ordered(data, HALFWORD_BYTES), "little") & 1
        self._update_lines()

    def _read_by_host(self, register: int, size_bytes: int) -> bytes:
        value = 0
        match register:
            case HostRegister.DATA | HostRegister.LAST_DATA:
                return self._fetch(size_bytes, is_last=register == HostRegister.LAST_DATA)
            case HostRegister.FRAME_BYTES:
                value = self._wrapper.frame_bytes
            case HostRegister.BUFFERS:
                value = self._wrapper.takes_commands << 1 | self._wrapper.takes_frames
            case HostRegister.INTERRUPT_MASK:
                value = self._host_mask
            case HostRegister.INTERRUPT:
                value, self._is_ready = int(self._is_ready), False
                self._update_lines()
        return self._ordered(value.to_bytes(HALFWORD_BYTES, "little"), HALFWORD_BYTES)

    def _fetch(self, size_bytes: int, is_last: bool) -> bytes:
        """Give the next part of the frame."""
        if not self._wrapper.frame_bytes:
            self.interrupt_status.tx_underrun = 1  # GUESS: no driver looks
        start = self._fetched_bytes
        part = self._wrapper.read_frame()[start : start + size_bytes]
        self._fetched_bytes += size_bytes
        if is_last:
            self._fetched_bytes = 0
            self._wrapper.finish_frame()
        self._update_lines()
        return self._ordered(part.ljust(size_bytes, b"\0"), WORD_BYTES)

    def _ordered(self, data: bytes, unit_bytes: int) -> bytes:
        if not self.config.big_endian:
            return data
        units = (data[start : start + unit_bytes] for start in range(0, len(data), unit_bytes))
        return b"".join(unit[::-1] for unit in units)

    def _tell_frame(self) -> None:
        self._is_ready = True
        self._update_lines()

    @on_write(ClearFifos)
    def _clear(self, _: int) -> None:
        if self.clear_fifos.clear:
            self._data = self._command = b""
            self._fetched_bytes = 0

    @on_write(InterruptMask, InterruptStatus)
    def _update_lines(self, _: int = 0) -> None:
        self._irq(bool(self.interrupt_status.value & ~self.interrupt_mask.masked))
        self.ready(bool(self._is_ready and not self._host_mask))

    def _on_reset(self, cause: ResetCause) -> None:
        self._data = self._command = b""
        self._fetched_bytes = self._host_mask = 0
        self._is_ready = False
        self._update_lines()
