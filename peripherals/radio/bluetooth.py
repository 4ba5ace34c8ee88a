"""What both Bluetooth modes share. Layout: use by the SDK's controller; see docs/radio.md."""

from __future__ import annotations

from peripherals.framework.environment import Environment, Line
from peripherals.framework.fields import ro, rw, unmodelled, wo
from peripherals.framework.outlook import Outlook
from peripherals.framework.peripheral import Peripheral, on_outlook, on_read, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause
from peripherals.radio.bluetooth_time import TIME_MASK, BluetoothTime, next_match


class Bluetooth(Peripheral):
    """Counts the time, interrupts at a target for the controller's timers, keeps settings of the radio."""

    # fmt: off
    class Control(Register):
        settings       = rw(31, 0, "0x100 enables")

    class Setting(Register):
        word           = rw(31, 0)

    class InterruptMask(Register):
        others         = rw(31, 11)
        gross_target   = rw(10)
        low            = rw(9, 0)

    class InterruptStatus(Register):
        events         = ro(31, 0, "the raw ones that are enabled")

    class InterruptRaw(Register):
        gross_target   = ro(10)

    class Acknowledge(Register):
        events         = wo(31, 0)

    class Sample(Register):
        take           = wo(0, doc="latches the time; takes no time here")

    class Time(Register):
        slots     = ro(26, 0)

    class FineTime(Register):
        left           = ro(9, 0, "microseconds to the next slot")

    class SleepControl(Register):
        deep_sleep     = unmodelled(31, doc="the block does not sleep, and does not wake the firmware up")
        settings       = rw(30, 0)

    class GrossTarget(Register):
        rest           = rw(31, 16)
        target         = rw(15, 0, "of bits 19..4 of the time")

    control          = at(0x00, Control)
    interrupt_mask   = at(0x0C, InterruptMask)
    interrupt_status = at(0x10, InterruptStatus, "start-up code writes it")
    interrupt_raw    = at(0x14, InterruptRaw)
    acknowledge      = at(0x18, Acknowledge)
    sample           = at(0x1C, Sample)
    time             = at(0x20, Time)
    fine_time        = at(0x24, FineTime)
    exchange_memory  = at(0x2C, Setting, "GUESS: offset of a part of it")
    sleep_control    = at(0x30, SleepControl)
    sleep_settings   = at(0x34, Setting, "duration, time slept, wake-up delays, corrections", count=5)
    radio            = at(0x70, Setting, count=8)
    gross_target     = at(0xE0, GrossTarget)
    coexistence      = at(0x114, Setting)
    # fmt: on

    saved_state = ("_time",)

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self._irq = irq
        self._time = BluetoothTime(environment.clock, self._expire)

    @on_read(InterruptStatus, steady=True)
    def _read_status(self) -> int:
        return self.interrupt_raw.value & self.interrupt_mask.value

    @on_read(Time)
    def _read_time(self) -> int:
        return self._time.now & TIME_MASK

    @on_outlook(Time)
    def _foresee_time(self) -> Outlook:
        return self._time.outlook

    @on_read(FineTime)
    def _read_fine_time(self) -> int:
        return self._time.fine

    @on_outlook(FineTime)
    def _foresee_fine_time(self) -> Outlook:
        return self._time.fine_outlook

    @on_write(GrossTarget)
    def _set_target(self, _: int) -> None:
        # GUESS: a target is met once; firmware sets a new one long before the time comes round again.
        self._time.call_at(next_match(self._time.now, self.gross_target.target, low=4, width=16))

    @on_write(Acknowledge)
    def _acknowledge(self, events: int) -> None:
        self.interrupt_raw.value &= ~events
        self._update_irq()

    @on_write(InterruptMask)
    def _update_irq(self, _: int = 0) -> None:
        self._irq(bool(self._read_status()))

    def _expire(self) -> None:
        self.interrupt_raw.gross_target = 1
        self._update_irq()

    def _on_reset(self, cause: ResetCause) -> None:
        self._time.cancel()
        self._update_irq()
