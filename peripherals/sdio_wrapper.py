"""Moves frames between a host, by high-speed SPI or SDIO, and RAM, where chains of descriptors say.

Layout: wm_sdio_wrapper_reg_struct.h, descriptors: wm_hal_sdio_wrapper.h, use: wm_hal_hspi_slave.c (all
wm_iot_sdk); behaviour: chapter 12 of the W600's register manual.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from enum import IntEnum
from typing import Final

from peripherals.framework.environment import Environment, Line
from peripherals.framework.errors import BusError
from peripherals.framework.fields import ro, rw, unmodelled, w1c, wo
from peripherals.framework.peripheral import Peripheral, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause

MAX_FRAME_BYTES: Final = 4096
PIECE_BYTES: Final = 1600
"""So much of a frame for the host lies in a buffer, with its offset; the rest in the next."""

_VALID: Final = 1 << 31
_OFFSET_MASK: Final = 0xFFF


class Chain(IntEnum):
    """Index of the registers that the header calls TX, frames of the host, and RX, frames for it."""

    DOWN = 0
    UP = 1


_DESCRIPTORS: Final = {
    Chain.DOWN: struct.Struct("<3I"),  # valid, buffer, next
    Chain.UP: struct.Struct("<6I"),  # valid, offset and length, three buffers, next
}


class SdioWrapper(Peripheral):
    """Takes frames and commands of a host, and gives it frames; `on_frame` tells when there is a new one."""

    # fmt: off
    class InterruptStatus(Register):
        down_command  = w1c(3)
        up_command    = w1c(2, doc="never: no command goes to the host")
        down_frame    = w1c(1, doc="one has come in")
        up_frame      = w1c(0, doc="the host has one")

    class InterruptMask(Register):
        """1 masks the flag of the same place."""

        masked        = rw(3, 0)

    class UpCommand(Register):
        available     = unmodelled(0, doc="no command goes to the host, only frames")

    class CommandBuffer(Register):
        available     = rw(0, doc="cleared when a command is in it")

    class Link(Register):
        enable        = rw(0, doc="0: stop after each descriptor")

    class Address(Register):
        descriptor    = rw(31, 0, "the current one")

    class Start(Register):
        start         = wo(0, doc="look whether the current descriptor is valid")

    class Status(Register):
        is_running    = ro(0, doc="0: stopped at a descriptor that is not valid")

    class CommandAddress(Register):
        buffer        = rw(31, 0)

    class CommandSize(Register):
        size_bytes    = rw(11, 0)

    interrupt_status  = at(0x00, InterruptStatus)
    interrupt_mask    = at(0x04, InterruptMask)
    up_command        = at(0x08, UpCommand)
    command_buffer    = at(0x0C, CommandBuffer)
    link              = at(0x10, Link, count=2, stride=0x10, reset=1)
    address           = at(0x14, Address, count=2, stride=0x10)
    start             = at(0x18, Start, count=2, stride=0x10)
    status            = at(0x1C, Status, count=2, stride=0x10)
    command_address   = at(0x30, CommandAddress)
    command_size      = at(0x34, CommandSize, reset=64)
    # fmt: on

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self.on_frame: Callable[[], None] = lambda: None
        self._irq = irq

    @property
    def takes_frames(self) -> bool:
        """Whether there is a buffer for a frame of the host."""
        return bool(self.status[Chain.DOWN].is_running)

    @property
    def takes_commands(self) -> bool:
        """Whether there is a buffer for a command of the host."""
        return bool(self.command_buffer.available)

    @property
    def frame_bytes(self) -> int:
        """The length of the frame that the host may fetch; 0 without one."""
        if not self.status[Chain.UP].is_running:
            return 0
        _, layout, *_ = self._descriptor(Chain.UP)
        return layout >> 12 & 0x3FFF

    def take_frame(self, frame: bytes) -> bool:
        """Store a frame of the host; False, and it is lost, without a buffer."""
        if not self.takes_frames:
            return False
        _, buffer, _ = self._descriptor(Chain.DOWN)
        self._write(buffer, frame[:MAX_FRAME_BYTES])
        self._next(Chain.DOWN)
        self.interrupt_status.down_frame = 1
        self._update_irq()
        return True

    def take_command(self, command: bytes) -> bool:
        """Store a command of the host; False, and it is lost, without a buffer."""
        if not self.takes_commands:
            return False
        self._write(self.command_address.buffer, command[: self.command_size.size_bytes])
        self.command_buffer.available = 0
        self.interrupt_status.down_command = 1
        self._update_irq()
        return True

    def read_frame(self) -> bytes:
        """Give the frame that the host may fetch; empty without one."""
        left_bytes = self.frame_bytes
        _, layout, *buffers, _ = self._descriptor(Chain.UP) if left_bytes else (0, 0, 0)
        frame, offset = b"", layout & _OFFSET_MASK
        for buffer in buffers:
            piece = self._read(buffer + offset, min(left_bytes, max(PIECE_BYTES - offset, 0)))
            frame, left_bytes, offset = frame + piece, left_bytes - len(piece), 0
        return frame

    def finish_frame(self) -> None:
        """Go on to the next frame: the host has this one. Harmless without one."""
        if self.status[Chain.UP].is_running:
            self.interrupt_status.up_frame = 1
            self._next(Chain.UP)
            self._update_irq()

    @on_write(Start)
    def _start(self, chain: int, _: int) -> None:
        if self.start[chain].start:
            self._look(Chain(chain))
        else:
            self.status[chain].is_running = 0  # GUESS: drivers do so when they give up the buffers

    def _look(self, chain: Chain) -> None:
        """Run if the current descriptor is valid."""
        was_running = self.status[chain].is_running
        self.status[chain].is_running = int(bool(self._descriptor(chain)[0] & _VALID))
        if chain is Chain.UP and self.status[chain].is_running and not was_running:
            self.on_frame()

    def _next(self, chain: Chain) -> None:
        """Give the descriptor back to the firmware, and go on."""
        done = self.address[chain].descriptor
        valid, *_, following = self._descriptor(chain)
        self._write(done, (valid & ~_VALID).to_bytes(4, "little"))
        self.address[chain].descriptor = following
        self.status[chain].is_running = 0
        if self.link[chain].enable:
            self._look(chain)

    def _descriptor(self, chain: Chain) -> tuple[int, ...]:
        layout = _DESCRIPTORS[chain]
        words: tuple[int, ...] = layout.unpack(self._read(self.address[chain].descriptor, layout.size))
        return words

    def _read(self, address: int, size_bytes: int) -> bytes:
        try:
            return self.environment.memory.read(address, size_bytes)
        except BusError as error:
            self.environment.log.unmodelled(f"{self.name}.chain", f"unreadable: {error}")
            return bytes(size_bytes)

    def _write(self, address: int, data: bytes) -> None:
        try:
            self.environment.memory.write(address, data)
        except BusError as error:
            self.environment.log.unmodelled(f"{self.name}.chain", f"not writable: {error}")

    @on_write(InterruptStatus, InterruptMask)
    def _update_irq(self, _: int = 0) -> None:
        self._irq(bool(self.interrupt_status.value & ~self.interrupt_mask.masked))

    def _on_reset(self, cause: ResetCause) -> None:
        self._update_irq()
