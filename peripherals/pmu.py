"""Power management in the always-on domain. Layout: wm_pmu_reg_struct.h; use: wm_hal_pmu.c (wm_iot_sdk)."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from peripherals.framework.countdown import Countdown
from peripherals.framework.deadline import Deadline
from peripherals.framework.environment import Environment, Line
from peripherals.framework.fields import rw, unmodelled, w1c
from peripherals.framework.peripheral import Peripheral, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause

NS_PER_WAKE_STEP = 128_000_000
_EVENTS = 0x1F  # the flags from timer0 to rtc: they interrupt, and end sleep


class PowerMode(Enum):
    """How much of the chip is asleep."""

    ACTIVE = "active"
    SLEEP = "sleep"
    STANDBY = "standby"


class Pmu(Peripheral):
    """Puts the chip to sleep and wakes it: by its two timers, the RTC alarm, or the wake-up pin.

    `on_sleep` gets the mode software asks for; `on_wake` the mode that ends. From SLEEP the CPU goes on where
    it stopped; STANDBY has no power outside this domain, so it ends in a reset.
    """

    # fmt: off
    class Control(Register, always_on=True):
        wake_pin_low    = rw(10, doc="GUESS: 1 makes low the level that wakes")
        wake_pin_time   = rw(9, 6, "how long that level has to last, in 128 ms")
        mux_bg          = unmodelled(5, doc="a band gap: analog, nothing depends on it")
        bypass_32k      = unmodelled(4, doc="32 kHz from outside: the timers are exact either way")
        calibrate_32k   = unmodelled(3, doc="the timers are exact without")
        sleep_by_pin    = unmodelled(2, doc="the pin does not put the chip to sleep")
        sleep           = rw(1)
        standby         = rw(0)

    class Timer0(Register, always_on=True):
        enable          = rw(16)
        seconds         = rw(15, 0)

    class Timer1(Register, always_on=True):
        beacon_timer    = unmodelled(30, 24, "there are no beacons to wake up for")
        before_beacon   = unmodelled(23, 20, "there are no beacons to wake up for")
        beacon_received = unmodelled(17, doc="there are no beacons to wake up for")
        enable          = rw(16)
        milliseconds    = rw(15, 0)

    class Flags(Register, always_on=True):
        from_sleep      = w1c(8)
        from_standby    = w1c(7)
        crystal_timeout = w1c(6)
        dpll_timeout    = w1c(5)
        rtc             = w1c(4)
        sleep_pin       = w1c(3)
        wake_pin        = w1c(2)
        timer1          = w1c(1)
        timer0          = w1c(0)

    class WlanStatus(Register, always_on=True):
        analog          = unmodelled(10, 0, "voltages, band gaps, crystal: analog, nothing depends on them")

    class Backup(Register, always_on=True):
        analog          = unmodelled(23, 17, "LNA, crystal buffer, DPLL: analog, nothing depends on them")

    control     = at(0x00, Control)
    timer0      = at(0x04, Timer0)
    timer1      = at(0x08, Timer1)
    flags       = at(0x14, Flags)
    wlan_status = at(0x1C, WlanStatus, reset=4 << 1)
    backup      = at(0x20, Backup, reset=3 << 22)
    # fmt: on

    saved_state = ("mode", "_timer0", "_timer1", "_wake_pin", "_wake_up")

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self.mode = PowerMode.ACTIVE
        self.on_sleep: Callable[[PowerMode], None] = lambda mode: None
        self.on_wake: Callable[[PowerMode], None] = lambda mode: None
        self._irq = irq
        self._timer0 = Countdown(environment.clock, lambda _: self._event(self.Flags.timer0.mask))
        self._timer0.frequency_hz = 1
        self._timer1 = Countdown(environment.clock, lambda _: self._event(self.Flags.timer1.mask))
        self._timer1.frequency_hz = 1000
        self._wake_pin = False
        self._wake_up = Deadline(environment.clock, self._wake_by_pin)

    def rtc_alarm(self, level: bool) -> None:
        """Take the alarm line of the RTC."""
        if level:
            self._event(self.Flags.rtc.mask)

    def drive_wake_pin(self, level: bool) -> None:
        """Put a level on the wake-up pin from outside; it wakes once it has lasted."""
        if level == self._wake_pin:
            return
        self._wake_pin = level
        self._wake_up.cancel()
        if level != bool(self.control.wake_pin_low):
            self._wake_up.schedule(self.control.wake_pin_time * NS_PER_WAKE_STEP)

    @on_write(Control)
    def _control(self, _: int) -> None:
        if self.mode is not PowerMode.ACTIVE or not (self.control.sleep or self.control.standby):
            return
        self.mode = PowerMode.STANDBY if self.control.standby else PowerMode.SLEEP
        self.on_sleep(self.mode)
        if self._is_event_pending():
            self._wake()

    @on_write(Timer0)
    def _set_timer0(self, _: int) -> None:
        self._timer0.period = self.timer0.seconds
        self._timer0.restart(self.timer0.seconds if self.timer0.enable else 0)

    @on_write(Timer1)
    def _set_timer1(self, _: int) -> None:
        self._timer1.period = self.timer1.milliseconds
        self._timer1.restart(self.timer1.milliseconds if self.timer1.enable else 0)

    @on_write(Flags)
    def _acknowledge(self, _: int) -> None:
        self._update_irq()

    def _wake_by_pin(self) -> None:
        self._event(self.Flags.wake_pin.mask)

    def _event(self, flag: int) -> None:
        self.flags.value |= flag
        self._update_irq()
        if self.mode is not PowerMode.ACTIVE:
            self._wake()

    def _wake(self) -> None:
        mode, self.mode = self.mode, PowerMode.ACTIVE
        self.control.sleep = self.control.standby = 0
        if mode is PowerMode.STANDBY:
            self.flags.from_standby = 1
        else:
            self.flags.from_sleep = 1
        self.on_wake(mode)

    def _is_event_pending(self) -> bool:
        return bool(self.flags.value & _EVENTS)

    def _update_irq(self) -> None:
        self._irq(self._is_event_pending())

    def _on_reset(self, cause: ResetCause) -> None:
        self.mode = PowerMode.ACTIVE
        self.control.sleep = self.control.standby = 0
        if cause is ResetCause.POWER_ON:
            self._timer0.restart(0)
            self._timer1.restart(0)
            self._wake_up.cancel()
        self._update_irq()
