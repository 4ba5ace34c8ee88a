"""DMA: eight channels that copy memory, or serve a peripheral at its requests.

Layout: wm_dma_reg_struct.h. Behaviour: wm_hal_dma.c and its users wm_drv_ops_dma.c, wm_hal_uart.c.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from enum import IntEnum
from functools import partial
from typing import Final

from peripherals.dma_transfer import Pointer, Step, Transfer, Unit
from peripherals.framework.countdown import Countdown
from peripherals.framework.environment import Environment, Line
from peripherals.framework.errors import BusError
from peripherals.framework.fields import choice, ro, rw, w1c, wo
from peripherals.framework.peripheral import Peripheral, on_read, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause

CHANNELS: Final = 8
_STRIDE: Final = 0x30
_CLOCKS_PER_UNIT: Final = 2  # GUESS: a bus cycle to read and one to write, at the APB clock
_BURST_DONE, _TRANSFER_DONE = 0b01, 0b10
_DESCRIPTOR: Final = struct.Struct("<IIII")  # valid, control, source, destination; then the next descriptor
_NEXT_OFFSET: Final = 16
_BURST_BYTES: Final = 16
_LEFT_BYTES: Final = 48  # more than the FIFO of a peripheral, which is filled at once behind what is taken
_VALID: Final = 1 << 31
_STREAM_OF_DESCRIPTOR: Final = 0x00FF_FFFE


class Request(IntEnum):
    """Peripherals that can ask for transfers (wm_dma_req_sel_t)."""

    # fmt: off
    (
        UART_RX, UART_TX, PWM_CAPTURE0, PWM_CAPTURE1, LSPI_RX, LSPI_TX, ADC0, ADC1, ADC2, ADC3,
        I2S_RX, I2S_TX, SDIO_HOST, RESERVED13, RESERVED14, RESERVED15,
    ) = range(16)
    # fmt: on


class Dma(Peripheral):
    """The controller; `irqs` are the lines of channels 0, 1, 2, 3, and of 4 to 7 together.

    A copy of memory moves when its time is up: stopped before, it has moved nothing. A channel that serves a
    peripheral moves a burst as long as the request line is high.
    """

    class InterruptMask(Register):
        """Bits 2n and 2n+1 mask burst and transfer of channel n."""

        masked = rw(15, 0)

    class InterruptStatus(Register):
        """Bits 2n and 2n+1: burst and transfer of channel n are done."""

        done = w1c(15, 0)

    class UartSelect(Register):
        """Which UART the UART requests come from."""

        channel = rw(2, 0)
        request_clear = wo(23, 8, "forgets requests; here they are levels")

    class Address(Register):
        """Where a channel reads or writes, where its ring begins, or where its descriptor is."""

        bits = rw(31, 0)

    class RingSize(Register):
        """How long the rings are."""

        destination_bytes = rw(31, 16)
        source_bytes = rw(15, 0)

    class ChannelControl(Register):
        """Starts and stops a channel."""

        start = rw(0, doc="reads as 1 while the channel runs")
        stop = wo(1)

    class Mode(Register):
        """What drives the channel."""

        by_request = rw(0)
        chain = rw(1)
        request = choice(5, 2, Request)
        follow_chain = rw(6)

    class Stream(Register):
        """What the channel moves."""

        reload = rw(0)
        source_step = choice(2, 1, Step)
        destination_step = choice(4, 3, Step)
        unit = choice(6, 5, Unit)
        burst_of_4 = rw(7)
        total_bytes = rw(23, 8)

    class Status(Register):
        """How far the channel is."""

        transferred_bytes = ro(15, 0)

    class CurrentDestination(Register):
        """Where the next byte goes."""

        address = ro(31, 0)

    class Unused(Register):
        """The driver clears it with the rest of a channel."""

        bits = rw(31, 0)

    # fmt: off
    interrupt_mask      = at(0x00, InterruptMask, reset=0xFFFF)
    interrupt_status    = at(0x04, InterruptStatus)
    uart_select         = at(0x08, UartSelect)
    source              = at(0x10, Address, count=CHANNELS, stride=_STRIDE)
    destination         = at(0x14, Address, count=CHANNELS, stride=_STRIDE)
    source_ring         = at(0x18, Address, count=CHANNELS, stride=_STRIDE)
    destination_ring    = at(0x1C, Address, count=CHANNELS, stride=_STRIDE)
    ring_size           = at(0x20, RingSize, count=CHANNELS, stride=_STRIDE)
    channel_control     = at(0x24, ChannelControl, count=CHANNELS, stride=_STRIDE)
    mode                = at(0x28, Mode, count=CHANNELS, stride=_STRIDE)
    stream              = at(0x2C, Stream, count=CHANNELS, stride=_STRIDE)
    status              = at(0x30, Status, count=CHANNELS, stride=_STRIDE)
    descriptor          = at(0x34, Address, count=CHANNELS, stride=_STRIDE)
    current_destination = at(0x38, CurrentDestination, count=CHANNELS, stride=_STRIDE)
    unused              = at(0x3C, Unused, count=CHANNELS, stride=_STRIDE)
    # fmt: on

    saved_state = ("_transfers", "_requests", "_copies")

    def __init__(self, name: str, environment: Environment, irqs: Sequence[Line]) -> None:
        super().__init__(name, environment)
        self._irqs = tuple(irqs)
        self._transfers: list[Transfer | None] = [None] * CHANNELS
        self._requests: set[tuple[Request, int]] = set()
        self._serving: set[int] = set()
        self._copies = tuple(
            Countdown(environment.clock, partial(self._copy, index), periodic=False)
            for index in range(CHANNELS)
        )

    def request_line(self, source: Request, uart: int = 0) -> Line:
        """Give the line on which a peripheral asks for transfers; `uart` tells the UARTs apart."""
        return partial(self._set_request, (source, uart))

    def take_ahead(self, source: Request, most_bytes: int) -> bytes:
        """Give words that the peripheral would ask for one after the other: whole bursts, as many as fit.

        The end of the transfer stays at its time: the last bytes are left for requests.
        """
        for index, transfer in enumerate(self._transfers):
            serves = self.mode[index].by_request and self.mode[index].request is source
            if serves and transfer is not None and transfer.moves_words_in_order:
                size_bytes = min(most_bytes, transfer.left_bytes - _LEFT_BYTES) // _BURST_BYTES * _BURST_BYTES
                return self._take(index, transfer, size_bytes) if size_bytes > 0 else b""
        return b""

    def _take(self, index: int, transfer: Transfer, size_bytes: int) -> bytes:
        try:
            data = transfer.take(self.environment.memory, size_bytes)
        except BusError:
            return b""  # the request that comes to it will tell
        self.status[index].transferred_bytes = transfer.moved_bytes
        self.interrupt_status.done |= _BURST_DONE << 2 * index
        self._update_irq()
        return data

    def _set_request(self, request: tuple[Request, int], level: bool) -> None:
        if level:
            self._requests.add(request)
            self._serve_all()
        else:
            self._requests.discard(request)

    @on_write(ChannelControl)
    def _start_or_stop(self, index: int, _data: int) -> None:
        control = self.channel_control[index]
        if control.stop:
            self._copies[index].stop()
            self._transfers[index] = None
        elif control.start and self._transfers[index] is None and self._is_configured(index):
            self._begin(index)
        control.start = int(self._transfers[index] is not None)

    @on_read(ChannelControl, steady=True)
    def _read_control(self, index: int) -> int:
        self._copies[index].catch_up()
        return self.channel_control[index].value

    @on_read(InterruptStatus, steady=True)
    def _read_interrupts(self) -> int:
        for copy in self._copies:
            copy.catch_up()
        return self.interrupt_status.value

    @on_write(InterruptMask, InterruptStatus)
    def _acknowledge(self, _data: int) -> None:
        self._update_irq()

    @on_write(UartSelect)
    def _select_uart(self, _data: int) -> None:
        self._serve_all()

    def _begin(self, index: int) -> None:
        stream, ring = self.stream[index], self.ring_size[index]
        source, destination = self.source[index].bits, self.destination[index].bits
        source_ring, destination_ring = self.source_ring[index].bits, self.destination_ring[index].bits
        if not stream.total_bytes:
            return
        self._transfers[index] = Transfer(
            Pointer(source, stream.source_step, source_ring, ring.source_bytes),
            Pointer(destination, stream.destination_step, destination_ring, ring.destination_bytes),
            stream.unit,
            stream.total_bytes,
        )
        self.status[index].transferred_bytes = 0
        if self.mode[index].by_request:
            self._serve(index)
        else:
            self._copies[index].frequency_hz = self.environment.frequencies.apb_hz
            self._copies[index].restart(-(-stream.total_bytes // stream.unit.size_bytes) * _CLOCKS_PER_UNIT)

    def _copy(self, index: int, _periods: int) -> None:
        self._move(index, self.stream[index].total_bytes)

    def _serve_all(self) -> None:
        for index in range(CHANNELS):
            self._serve(index)

    def _serve(self, index: int) -> None:
        """Move bursts while the peripheral asks; it may change its request line at every access."""
        if index in self._serving or not self.mode[index].by_request:
            return
        self._serving.add(index)
        try:
            while self._transfers[index] is not None and self._is_requested(index):
                stream = self.stream[index]
                self._move(index, stream.unit.size_bytes * (4 if stream.burst_of_4 else 1))
        finally:
            self._serving.discard(index)

    def _is_requested(self, index: int) -> bool:
        source = self.mode[index].request
        is_uart = source in (Request.UART_RX, Request.UART_TX)
        return (source, self.uart_select.channel if is_uart else 0) in self._requests

    def _move(self, index: int, size_bytes: int) -> None:
        transfer = self._transfers[index]
        if transfer is None:
            return
        try:
            transfer.move(self.environment.memory, size_bytes)
        except BusError as error:
            self.environment.log.unmodelled(f"{self.name}.channel[{index}]", f"stopped by a {error}")
            transfer.left_bytes = 0
        self.status[index].transferred_bytes = transfer.moved_bytes
        self.current_destination[index].address = transfer.destination.address
        self.interrupt_status.done |= _BURST_DONE << 2 * index
        if not transfer.left_bytes:
            self._finish(index)
        self._update_irq()

    def _finish(self, index: int) -> None:
        self._transfers[index] = None
        self.interrupt_status.done |= _TRANSFER_DONE << 2 * index
        goes_on = self._next_descriptor(index) if self.mode[index].chain else self.stream[index].reload
        if goes_on:
            self._begin(index)
        self.channel_control[index].start = int(self._transfers[index] is not None)

    def _is_configured(self, index: int) -> bool:
        return not self.mode[index].chain or self._load_descriptor(index)

    def _load_descriptor(self, index: int) -> bool:
        """Take over the descriptor; False if it is not valid, or not there."""
        content = self._read_chain(index, self.descriptor[index].bits, _DESCRIPTOR.size)
        valid, control, source, destination = _DESCRIPTOR.unpack(content)
        if not valid & _VALID:
            return False
        # The control word has no reload bit: its fields sit one bit lower than in the register.
        self.stream[index].value = control << 1 & _STREAM_OF_DESCRIPTOR
        self.source[index].bits, self.destination[index].bits = source, destination
        return True

    def _next_descriptor(self, index: int) -> bool:
        """Hand the finished descriptor to software and go on to the next; False if there is no valid one."""
        done = self.descriptor[index].bits
        self.environment.memory.write(done, bytes(4))
        following = int.from_bytes(self._read_chain(index, done + _NEXT_OFFSET, 4), "little")
        if not self.mode[index].follow_chain or not following:
            return False
        self.descriptor[index].bits = following
        return self._load_descriptor(index)

    def _read_chain(self, index: int, address: int, size_bytes: int) -> bytes:
        try:
            return self.environment.memory.read(address, size_bytes)
        except BusError as error:
            self.environment.log.unmodelled(f"{self.name}.descriptor[{index}]", f"unreadable: {error}")
            return bytes(size_bytes)

    def _update_irq(self) -> None:
        pending = self.interrupt_status.done & ~self.interrupt_mask.masked
        *single, shared = self._irqs
        for index, irq in enumerate(single):
            irq(bool(pending >> 2 * index & (_BURST_DONE | _TRANSFER_DONE)))
        shared(bool(pending >> 2 * len(single)))

    def _on_reset(self, cause: ResetCause) -> None:
        for copy in self._copies:
            copy.restart(0)
        self._transfers = [None] * CHANNELS
        self._update_irq()
