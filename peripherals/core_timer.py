"""Core timer of the XT804. Registers: CORET_Type of core_804.h (wm_iot_sdk)."""

from __future__ import annotations

from peripherals.framework.countdown import Countdown
from peripherals.framework.environment import Environment, Line
from peripherals.framework.fields import rc, reserved, ro, rw, unmodelled
from peripherals.framework.outlook import STEADY, Outlook
from peripherals.framework.peripheral import Peripheral, on_outlook, on_peek, on_read, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause

EXPIRED, INTERRUPT = 1 << 16, 1 << 1
"""Of the control register, as plain bits: the ticks of an operating system ask for them."""


class CoreTimer(Peripheral):
    """Counts the CPU clock down from `reload` to 0, over and over: a period of `reload` + 1 clocks.

    Reaching 0 sets `expired` and, with `interrupt` on, the line; reading `control` lowers both, and so does
    writing `current`.
    """

    # fmt: off
    class Control(Register):
        expired   = rc(16, doc="COUNTFLAG")
        core_clock = unmodelled(2, doc="0 would choose an external clock; it always counts the CPU's")
        interrupt = rw(1)
        enable    = rw(0)

    class Reload(Register):
        ticks     = rw(23, 0)

    class Current(Register):
        whatever  = reserved(31, 24)
        ticks     = ro(23, 0, "any write makes it 0, from where the next clock reloads it")

    class Calibration(Register):
        ticks_10ms = unmodelled(23, 0, "reads as 0: not calibrated")

    control     = at(0x0, Control, "CTRL", reset=1 << 2)
    reload      = at(0x4, Reload, "LOAD")
    current     = at(0x8, Current, "VAL")
    calibration = at(0xC, Calibration, "CALIB")
    # fmt: on

    saved_state = ("_countdown", "_loaded")

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self._irq = irq
        self._countdown = Countdown(environment.clock, self._expire)
        self._loaded = 0  # the clocks of the period that runs now

    def clocks_changed(self) -> None:
        """Count the new CPU clock from here on."""
        self._countdown.frequency_hz = self.environment.frequencies.cpu_hz

    def clocks_stopped(self, are_stopped: bool) -> None:
        """Stand still in sleep."""
        self._countdown.hold(are_stopped)

    @on_read(Control, consumes=True)
    def _read_control(self) -> int:
        self._countdown.catch_up()
        self._irq(False)
        return self.control.value

    @on_peek(Control)
    def _show_control(self) -> int:
        self._countdown.catch_up()
        return self.control.value

    @on_outlook(Control)
    def _foresee_control(self) -> Outlook | None:
        return None if self.control.value & EXPIRED else STEADY

    @on_write(Control)
    def _set_control(self, _: int) -> None:
        if self.control.enable:
            self._countdown.resume()
        else:
            self._countdown.stop()
        self._update_irq()

    @on_write(Reload)
    def _set_reload(self, _: int) -> None:
        is_zero = self._count() == 0
        self._countdown.period = self._period
        if is_zero:  # the next clock loads what was written
            self._start_at_zero()

    @on_read(Current)
    def _count(self) -> int:
        # The countdown expires when this counter reaches 0, where it stays for the first clock of the period.
        left = self._countdown.left
        return 0 if left == self._loaded else left

    @on_outlook(Current)
    def _foresee_count(self) -> Outlook | None:
        return self._countdown.outlook if self._countdown.left != self._loaded else None

    @on_write(Current)
    def _clear(self, _: int) -> None:
        self.control.expired = 0
        self._start_at_zero()
        self._update_irq()

    @property
    def _period(self) -> int:
        return self.reload.ticks + 1 if self.reload.ticks else 0

    def _start_at_zero(self) -> None:
        self._loaded = self._countdown.period = self._period
        self._countdown.restart()
        if not self.control.enable:
            self._countdown.stop()

    def _expire(self, _: int) -> None:
        self._loaded = self._countdown.period
        self.control.value |= EXPIRED
        self._update_irq()

    def _update_irq(self) -> None:
        control = self.control.value
        self._irq(bool(control & EXPIRED and control & INTERRUPT))

    def _on_reset(self, cause: ResetCause) -> None:
        self.clocks_changed()
        self._start_at_zero()
        self._update_irq()
