"""Five pulse-width modulators. Layout: wm_pwm_reg_struct.h; driven by wm_hal_pwm.c (both wm_iot_sdk)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from peripherals.framework.countdown import Countdown
from peripherals.framework.environment import Environment, Line
from peripherals.framework.fields import ro, rw, unmodelled, w1c
from peripherals.framework.peripheral import Peripheral, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause

CHANNELS = 5
CENTER_ALIGNED = 2


@dataclass(frozen=True, slots=True)
class PwmOutput:
    """What a channel puts out: `duty` is the part of the time for which it is high, 0 to 1."""

    frequency_hz: float
    duty: float


class Pwm(Peripheral):
    """Outputs as figures (`output`), interrupts after so many periods; nothing is captured."""

    # fmt: off
    class Dividers(Register):
        odd            = rw(31, 16)
        even           = rw(15, 0)

    class Control(Register):
        enable         = rw(31, 27)
        capture_invert = unmodelled(25, doc="no edges come in: nothing is captured")
        capture        = unmodelled(24, doc="no edges come in: nothing is captured")
        alignment      = rw(23, 16, "two bits each channel: 1 edge, 2 center")
        pairs_in_step  = unmodelled(15, 14, "every channel runs by its own settings")
        tri_state0     = rw(12)
        repeat         = rw(11, 8)
        all_in_step    = unmodelled(6, doc="every channel runs by its own settings")
        invert         = rw(5, 2)
        complementary  = unmodelled(1, 0, "every channel runs by its own settings")

    class PerChannel(Register):
        channel3       = rw(31, 24)
        channel2       = rw(23, 16)
        channel1       = rw(15, 8)
        channel0       = rw(7, 0)

    class DeadTime(Register):
        times          = unmodelled(21, 0, "there are no pairs that need a dead time")

    class InterruptEnable(Register):
        dma            = unmodelled(7, doc="nothing is captured that could be moved")
        captured       = unmodelled(6, 5, "no edges come in: nothing is captured")
        periods        = rw(4, 0)

    class InterruptStatus(Register):
        captured       = w1c(9, 5)
        periods        = w1c(4, 0)

    class Captured(Register):
        edges          = ro(31, 0)

    class Brake(Register):
        control        = unmodelled(15, 3, "nothing brakes: the outputs go on")

    class Timing4(Register):
        divider        = rw(31, 16)
        period         = rw(15, 8)
        count          = rw(7, 0)

    class Control4(Register):
        compare        = rw(15, 8)
        alignment      = rw(4, 3)
        repeat         = rw(1)
        invert         = rw(0)

    class Capture4(Register):
        captures       = unmodelled(10, 3, "no edges come in: nothing is captured")
        tri_state      = rw(2)
        enable         = unmodelled(1, 0, "no edges come in: nothing is captured")

    dividers         = at(0x00, Dividers, count=2)
    control          = at(0x08, Control)
    period           = at(0x0C, PerChannel, "in divided clocks, less 1")
    period_count     = at(0x10, PerChannel, "how many periods make an interrupt, or all that there are")
    compare          = at(0x14, PerChannel)
    dead_time        = at(0x18, DeadTime)
    interrupt_enable = at(0x1C, InterruptEnable)
    interrupt_status = at(0x20, InterruptStatus)
    captured         = at(0x24, Captured)
    brake            = at(0x28, Brake)
    timing4          = at(0x2C, Timing4)
    control4         = at(0x30, Control4)
    captured4        = at(0x34, Captured)
    capture4         = at(0x38, Capture4)
    # fmt: on

    saved_state = ("_countdowns",)

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self._irq = irq
        self._countdowns = tuple(
            Countdown(environment.clock, partial(self._end_periods, n)) for n in range(CHANNELS)
        )

    def output(self, channel: int) -> PwmOutput | None:
        """What a channel puts out; None while it is off."""
        if not self.control.enable >> channel & 1:
            return None
        frequency_hz = self.environment.frequencies.apb_hz / self._clocks_per_period(channel)
        period, compare = self._byte(self.period, channel), self._byte(self.compare, channel)
        if self._alignment(channel) == CENTER_ALIGNED:
            duty = 1.0 if compare > period else (2 * compare + 1) / (2 * (period + 1))
        else:
            duty = 1.0 if compare >= period else (compare + 1) / (period + 1)
        inverted = self.control4.invert if channel == 4 else self.control.invert >> channel & 1
        return PwmOutput(frequency_hz, 1 - duty if inverted else duty)

    def clocks_changed(self) -> None:
        """Count the new APB clock from here on."""
        for countdown in self._countdowns:
            countdown.frequency_hz = self.environment.frequencies.apb_hz

    def clocks_stopped(self, are_stopped: bool) -> None:
        """Stand still in sleep."""
        for countdown in self._countdowns:
            countdown.hold(are_stopped)

    @on_write(Control, InterruptEnable, Control4)
    def _control(self, _: int) -> None:
        for channel, countdown in enumerate(self._countdowns):
            repeats = self.control4.repeat if channel == 4 else self.control.repeat >> channel & 1
            # Nobody sees the end of periods that repeat without an interrupt: no alarm for them.
            counts = self.interrupt_enable.periods >> channel & 1 or not repeats
            if not (self.control.enable >> channel & 1 and counts):
                countdown.stop()
            elif not countdown.is_running:
                countdown.periodic = bool(repeats)
                # GUESS: a count of 0 periods means 1.
                count = self._byte(self.period_count, channel) or 1
                countdown.period = count * self._clocks_per_period(channel)
                countdown.restart()
        self._update_irq()

    @on_write(InterruptStatus)
    def _acknowledge(self, _: int) -> None:
        self._update_irq()

    def _end_periods(self, channel: int, _: int) -> None:
        self.interrupt_status.periods |= 1 << channel
        if not self._countdowns[channel].periodic:
            self.control.enable &= ~(1 << channel)  # GUESS: a single shot clears its enable bit
        self._update_irq()

    def _clocks_per_period(self, channel: int) -> int:
        if channel == 4:
            divider = self.timing4.divider
        else:
            pair = self.dividers[channel // 2]
            divider = pair.odd if channel % 2 else pair.even
        steps = self._byte(self.period, channel) + 1
        return (divider or 1) * steps * (2 if self._alignment(channel) == CENTER_ALIGNED else 1)

    def _alignment(self, channel: int) -> int:
        return self.control4.alignment if channel == 4 else self.control.alignment >> 2 * channel & 3

    def _byte(self, register: PerChannel, channel: int) -> int:
        if channel < 4:
            return register.value >> 8 * channel & 0xFF
        of_channel4 = {
            "period": self.timing4.period,
            "period_count": self.timing4.count,
            "compare": self.control4.compare,
        }
        return of_channel4[register.name]

    def _update_irq(self) -> None:
        self._irq(bool(self.interrupt_status.periods & self.interrupt_enable.periods))

    def _on_reset(self, cause: ResetCause) -> None:
        for countdown in self._countdowns:
            countdown.stop()
        self.clocks_changed()
        self._update_irq()

    def _on_restore(self) -> None:
        self._update_irq()
