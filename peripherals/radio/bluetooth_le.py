"""Link layer of Bluetooth LE, in a place without any other device.

Layout: use by the SDK's controller; the names are those of the same block in Dialog's data sheets (DA14580,
DA1468x). Facts and guesses: docs/radio.md.
"""

from __future__ import annotations

from typing import Final

from peripherals.crypto import ciphers
from peripherals.framework.environment import Environment, Line
from peripherals.framework.fields import reserved, ro, rw, unmodelled, wo
from peripherals.framework.outlook import STEADY, Outlook
from peripherals.framework.peripheral import Peripheral, on_outlook, on_read, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause
from peripherals.radio.bluetooth_time import TIME_MASK, BluetoothTime, next_match
from peripherals.radio.exchange_memory import ExchangeMemory

EXCHANGE_MEMORY: Final = 0x800
"""Offset of the memory that firmware and link layer share."""
_BLOCK_SIZE: Final = ciphers.AES_BLOCK_SIZE


class BluetoothLe(Peripheral):
    """Runs the events of the table for as long as they may last: nobody answers, nothing is received."""

    # fmt: off
    class Control(Register):
        reset           = wo(31, 29, "of the link layer, of its timing, of registers; over at once")
        software_interrupt = unmodelled(28, doc="it does not come")
        abort           = wo(26, 24, "test, advertising, scanning")
        settings        = rw(23, 9)
        enable          = rw(8)
        timing          = rw(7, 0)

    class Setting(Register):
        word            = rw(31, 0)

    class InterruptMask(Register):
        events          = rw(15, 0)

    class InterruptStatus(Register):
        events          = ro(15, 0, "the raw ones that are enabled")

    class InterruptRaw(Register):
        fine_target     = ro(7)
        gross_target    = ro(6)
        encrypted       = ro(4)
        event_end       = ro(3)

    class Acknowledge(Register):
        events          = wo(15, 0)
        none            = reserved(31, 16, "librf acknowledges with ones, whatever there is")

    class Time(Register):
        slots      = ro(26, 0)

    class FineTime(Register):
        left            = ro(9, 0, "microseconds to the next slot")

    class SleepControl(Register):
        deep_sleep      = unmodelled(31, doc="the block does not sleep, and does not wake the firmware up")
        settings        = rw(30, 0)

    class Status(Register):
        flags           = ro(31, 0, "of errors that do not happen, of packets that nobody sends")

    class Test(Register):
        packets         = unmodelled(31, 0, "the test mode neither sends nor receives packets")

    class AesControl(Register):
        settings        = rw(31, 1)
        start           = wo(0)

    class AesKey(Register):
        word            = rw(31, 0)

    class AesPointer(Register):
        block           = rw(15, 0, "offset in the exchange memory: the block, behind it the result")

    class GrossTarget(Register):
        target          = rw(22, 0, "of bits 26..4 of the time")

    class FineTarget(Register):
        target          = rw(26, 0)

    class Sample(Register):
        take            = wo(0, doc="latches the time; takes no time here")

    control             = at(0x00, Control)
    interrupt_mask      = at(0x0C, InterruptMask)
    interrupt_status    = at(0x10, InterruptStatus)
    interrupt_raw       = at(0x14, InterruptRaw)
    acknowledge         = at(0x18, Acknowledge)
    time                = at(0x1C, Time)
    fine_time           = at(0x20, FineTime)
    address             = at(0x24, Setting, "of this device, low and high part", count=2)
    receive_descriptor  = at(0x2C, Setting)
    sleep_control       = at(0x30, SleepControl)
    sleep_settings      = at(0x34, Setting, "duration, time slept, wake-up delays, corrections", count=5)
    diagnosis           = at(0x50, Setting)
    errors              = at(0x60, Status)
    radio               = at(0x70, Setting, count=5)
    advertising         = at(0x90, Setting, "channels")
    advertising_time    = at(0xA0, Setting)
    white_list          = at(0xB0, Setting, "addresses and sizes", count=3)
    aes_control         = at(0xC0, AesControl)
    aes_key             = at(0xC4, AesKey, "low part first", count=4)
    aes_pointer         = at(0xD4, AesPointer)
    test                = at(0xE0, Test, count=3)
    timing              = at(0xF0, Setting)
    gross_target        = at(0xF4, GrossTarget)
    fine_target         = at(0xF8, FineTarget)
    sample              = at(0xFC, Sample)
    coexistence         = at(0x100, Setting, count=3)
    priority            = at(0x110, Setting)
    # fmt: on

    saved_state = ("memory", "_gross", "_fine")

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self.memory = ExchangeMemory(environment.clock, self._end_event)
        self._irq = irq
        self._gross = BluetoothTime(environment.clock, self._reach_gross_target)
        self._fine = BluetoothTime(environment.clock, self._reach_fine_target)

    def read(self, offset: int, size_bytes: int = 4) -> int:
        """Answer a bus read of the exchange memory or of a register."""
        if offset < EXCHANGE_MEMORY:
            return super().read(offset, size_bytes)
        return self.memory.read(offset - EXCHANGE_MEMORY, size_bytes)

    def write(self, offset: int, value: int, size_bytes: int = 4) -> None:
        """Take a bus write to the exchange memory or to a register."""
        if offset < EXCHANGE_MEMORY:
            super().write(offset, value, size_bytes)
        else:
            self.memory.write(offset - EXCHANGE_MEMORY, value, size_bytes)

    def peek(self, offset: int) -> int:
        """Look at a word of the exchange memory or at a register."""
        return super().peek(offset) if offset < EXCHANGE_MEMORY else self.read(offset)

    def outlook(self, offset: int, size_bytes: int = 4) -> Outlook | None:
        """The exchange memory stays as it is."""
        return super().outlook(offset, size_bytes) if offset < EXCHANGE_MEMORY else STEADY

    @on_read(InterruptStatus, steady=True)
    def _read_status(self) -> int:
        return self.interrupt_raw.value & self.interrupt_mask.value

    @on_read(Time)
    def _read_time(self) -> int:
        return self._fine.now & TIME_MASK

    @on_outlook(Time)
    def _foresee_time(self) -> Outlook:
        return self._fine.outlook

    @on_read(FineTime)
    def _read_fine_time(self) -> int:
        return self._fine.fine

    @on_outlook(FineTime)
    def _foresee_fine_time(self) -> Outlook:
        return self._fine.fine_outlook

    @on_write(Control)
    def _control(self, data: int) -> None:
        self.memory.is_enabled = bool(self.control.enable)
        if self.control.reset:
            self.interrupt_raw.value = 0
            self.memory.stop()
        elif self.control.abort:
            self.memory.abort()
        else:
            self.memory.plan()
        self.control.reset = self.control.abort = 0
        self._update_irq()

    @on_write(AesControl)
    def _encrypt(self, _: int) -> None:
        if not self.aes_control.start:
            return
        self.aes_control.start = 0
        key = b"".join(part.value.to_bytes(4, "little") for part in self.aes_key)
        start = self.aes_pointer.block
        block = bytes(self.memory.contents[start : start + _BLOCK_SIZE])
        # Numbers of Bluetooth: the least significant byte is the first.
        result = ciphers.aes(key[::-1], ciphers.CipherMode.ECB, b"", block[::-1], decrypt=False)[::-1]
        self.memory.contents[start + _BLOCK_SIZE : start + 2 * _BLOCK_SIZE] = result
        self.interrupt_raw.encrypted = 1
        self._update_irq()

    @on_write(GrossTarget)
    def _set_gross_target(self, _: int) -> None:
        # GUESS: a target is met once; firmware sets a new one long before the time comes round again.
        self._gross.call_at(next_match(self._gross.now, self.gross_target.target, low=4, width=23))

    @on_write(FineTarget)
    def _set_fine_target(self, _: int) -> None:
        self._fine.call_at(next_match(self._fine.now, self.fine_target.target, low=0, width=27))

    @on_write(Acknowledge)
    def _acknowledge(self, events: int) -> None:
        self.interrupt_raw.value &= ~events
        self._update_irq()

    @on_write(InterruptMask)
    def _update_irq(self, _: int = 0) -> None:
        self._irq(bool(self._read_status()))

    def _reach_gross_target(self) -> None:
        self.interrupt_raw.gross_target = 1
        self._update_irq()

    def _reach_fine_target(self) -> None:
        self.interrupt_raw.fine_target = 1
        self._update_irq()

    def _end_event(self) -> None:
        self.interrupt_raw.event_end = 1
        self._update_irq()

    def _on_reset(self, cause: ResetCause) -> None:
        self._gross.cancel()
        self._fine.cancel()
        self.memory.reset(is_power_on=cause is ResetCause.POWER_ON)
        self._update_irq()
