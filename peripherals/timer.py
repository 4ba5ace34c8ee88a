"""Six timers. Layout: wm_timer_reg_struct.h; how they are driven: wm_hal_timer.c (wm_iot_sdk)."""

from __future__ import annotations

from functools import partial

from peripherals.framework.countdown import Countdown
from peripherals.framework.environment import Environment, Line
from peripherals.framework.fields import ro, rw, w1c
from peripherals.framework.outlook import Outlook
from peripherals.framework.peripheral import Peripheral, on_outlook, on_read, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause

COUNT = 6
MILLISECONDS, ONCE, ENABLE, INTERRUPT_ENABLE = 1, 2, 4, 8
"""The bits of Control.timer0 to timer5. ONCE is WM_TIMER_AUTO_RELOAD: wm_ll_timer.h clears it to reload."""


class Timers(Peripheral):
    """Count microseconds or milliseconds down, once or again and again, and share one interrupt line."""

    # fmt: off
    class Config(Register):
        prescaler = rw(6, 0, "APB clock in MHz - 1: makes the microseconds")

    class Control(Register):
        timer0, expired0 = rw(3, 0),   w1c(4)
        timer1, expired1 = rw(8, 5),   w1c(9)
        timer2, expired2 = rw(13, 10), w1c(14)
        timer3, expired3 = rw(18, 15), w1c(19)
        timer4, expired4 = rw(23, 20), w1c(24)
        timer5, expired5 = rw(28, 25), w1c(29)

    class Period(Register):
        units     = rw(31, 0)

    class Current(Register):
        units     = ro(31, 0)

    # Reset values: W806 manual, 19.4; all stand at a single time, in milliseconds.
    config  = at(0x00, Config, reset=39)
    control = at(0x04, Control, reset=0x0631_8C63)
    period  = at(0x08, Period, count=COUNT)
    current = at(0x20, Current, count=COUNT)
    # fmt: on

    saved_state = ("_countdowns", "_enabled")

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self._irq = irq
        self._countdowns = tuple(Countdown(environment.clock, partial(self._expire, n)) for n in range(COUNT))
        self._enabled = 0

    def clocks_changed(self) -> None:
        """Count the new APB clock from here on."""
        for countdown in self._countdowns:
            countdown.frequency_hz = self.environment.frequencies.apb_hz

    def clocks_stopped(self, are_stopped: bool) -> None:
        """Stand still in sleep."""
        for countdown in self._countdowns:
            countdown.hold(are_stopped)

    @on_write(Control)
    def _control(self, _: int) -> None:
        enabled = sum(1 << n for n in range(COUNT) if self._bits(n) & ENABLE)
        for n, countdown in enumerate(self._countdowns):
            if enabled >> n & 1 and not self._enabled >> n & 1:
                countdown.periodic = not self._bits(n) & ONCE
                countdown.period = self.period[n].units * self._clocks_per_unit(n)
                countdown.restart()
            elif not enabled >> n & 1:
                countdown.stop()
        self._enabled = enabled
        self._update_irq()

    @on_read(Current)
    def _elapsed(self, n: int) -> int:
        # Counts up: wm_pm.c takes it for the time slept.
        countdown = self._countdowns[n]
        return (countdown.period - countdown.left) // self._clocks_per_unit(n)

    @on_outlook(Current)
    def _foresee_elapsed(self, n: int) -> Outlook:
        countdown = self._countdowns[n]
        left = countdown.outlook
        if left.count is None:
            return left
        return Outlook(left.until_ns, left.count.left_to(countdown.period, self._clocks_per_unit(n)))

    def _expire(self, n: int, _: int) -> None:
        self.control.value |= 1 << 5 * n + 4
        self._update_irq()

    def _bits(self, n: int) -> int:
        return self.control.value >> 5 * n & 0xF

    def _clocks_per_unit(self, n: int) -> int:
        return (self.config.prescaler + 1) * (1000 if self._bits(n) & MILLISECONDS else 1)

    def _update_irq(self) -> None:
        # INTERRUPT_ENABLE is bit 3 of each timer, the expired flag bit 4.
        flags = self.control.value & self.control.cleared_by_one
        self._irq(bool(flags & self.control.value << 1))

    def _on_reset(self, cause: ResetCause) -> None:
        self._enabled = 0
        for countdown in self._countdowns:
            countdown.stop()
        self.clocks_changed()
        self._update_irq()
