"""Watchdog. Layout: wm_wdt_reg_struct.h (wm_iot_sdk); it is register for register that of the Arm SP805.

Where the SDK is silent, the SP805's manual (ARM DDI 0270) is followed.
"""

from __future__ import annotations

from collections.abc import Callable

from peripherals.framework.countdown import Countdown
from peripherals.framework.deadline import Deadline
from peripherals.framework.environment import NS_PER_SECOND, Environment, Line
from peripherals.framework.fields import reserved, ro, rw, wo
from peripherals.framework.outlook import Outlook
from peripherals.framework.peripheral import Peripheral, on_outlook, on_read, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause

RESET_DELAY_NS = 1_000
"""GUESS: how long a reset takes to come. The handler in wm_hal_wdt.c starts a last count of 1 and only then
keeps the reason of the reset, which drv_wdt.rst promises to be found."""


class Watchdog(Peripheral):
    """Interrupts when its APB clock count runs out; asks for a reset if that is still so the next time."""

    # fmt: off
    class Load(Register):
        ticks        = rw(31, 0, "APB clocks; writing starts the count anew: that feeds the watchdog")

    class Value(Register):
        ticks        = ro(31, 0)

    class Control(Register):
        reset_enable = rw(1)
        enable       = rw(0)

    class InterruptClear(Register):
        whatever     = reserved(31, 1)
        expired      = wo(0, doc="any write clears the interrupt and starts the count anew")

    class InterruptSource(Register):
        expired      = ro(0)

    class InterruptState(Register):
        expired      = ro(0, doc="the source as it goes to the line: only while enabled")

    load             = at(0x00, Load, reset=0xFFFF_FFFF)
    value            = at(0x04, Value, reset=0xFFFF_FFFF)
    control          = at(0x08, Control)
    interrupt_clear  = at(0x0C, InterruptClear)
    interrupt_source = at(0x10, InterruptSource)
    interrupt_state  = at(0x14, InterruptState)
    # fmt: on

    saved_state = ("_countdown", "_reset", "_is_reset_decided", "is_starved")

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self.request_reset: Callable[[], None] = lambda: None
        self.is_starved = False
        """Whether feeding does nothing until the next reset, as if who feeds it did not get to run."""
        self._irq = irq
        self._countdown = Countdown(environment.clock, self._expire)
        self._reset = Deadline(environment.clock, lambda: self.request_reset())
        self._is_reset_decided = False

    @property
    def reset_in_ns(self) -> int | None:
        """The time to the reset, if the firmware goes on to neglect it; None if none is to come."""
        now_ns = self.environment.clock.now_ns
        if self._is_reset_decided:
            return (self._reset.due_ns or now_ns) - now_ns
        if not (self.control.enable and self.control.reset_enable):
            return None
        ticks = self._countdown.left
        if not self.interrupt_source.expired:
            ticks += self._countdown.period
        return ticks * NS_PER_SECOND // self._countdown.frequency_hz

    def clocks_changed(self) -> None:
        """Count the new APB clock from here on."""
        self._countdown.frequency_hz = self.environment.frequencies.apb_hz

    def clocks_stopped(self, are_stopped: bool) -> None:
        """Stand still in sleep."""
        self._countdown.hold(are_stopped)

    @on_read(Value)
    def _current(self) -> int:
        return self._countdown.left

    @on_outlook(Value)
    def _foresee_current(self) -> Outlook:
        return self._countdown.outlook

    @on_write(Load)
    def _feed(self, ticks: int) -> None:
        self._countdown.period = ticks
        self._start_anew()

    @on_write(Control)
    def _enable(self, _: int) -> None:
        if self.control.enable and not self._countdown.is_running:
            self._countdown.restart()
        elif not self.control.enable:
            self._countdown.stop()
        self._update_irq()

    @on_write(InterruptClear)
    def _clear(self, _: int) -> None:
        self.interrupt_source.expired = 0
        self._start_anew()
        self._update_irq()

    def _start_anew(self) -> None:
        if self.is_starved and self._countdown.is_running:
            return
        self._countdown.restart()
        if not self.control.enable:
            self._countdown.stop()

    def _expire(self, periods: int) -> None:
        is_second = self.interrupt_source.expired or periods > 1 or self.is_starved
        self.interrupt_source.expired = 1
        self._update_irq()
        if is_second and self.control.reset_enable and not self._is_reset_decided:
            self._is_reset_decided = True
            self._reset.schedule(RESET_DELAY_NS)

    def _update_irq(self) -> None:
        self.interrupt_state.expired = self.interrupt_source.expired and self.control.enable
        self._irq(bool(self.interrupt_state.expired))

    def _on_reset(self, cause: ResetCause) -> None:
        self._is_reset_decided = self.is_starved = False
        self._reset.cancel()
        self.clocks_changed()
        self._countdown.period = self.load.ticks
        self._start_anew()
        self._update_irq()
