"""Touch sensor of 16 pads. Layout: wm_touch_sensor_reg_struct.h; use: wm_hal_touch_sensor.c (wm_iot_sdk)."""

from __future__ import annotations

from peripherals.framework.countdown import Countdown
from peripherals.framework.environment import Environment, Line
from peripherals.framework.fields import ro, rw, w1c
from peripherals.framework.peripheral import Peripheral, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause

PADS = 16
PERIOD_STEP_MS = 16
UNTOUCHED_COUNT = 2000
"""In the longest window: about what README_EN.md of touch_sensor/touch_poll (wm_iot_sdk) shows of a board."""
MOST_PULSES = 0x3F


def untouched_count(window: int) -> int:
    """Tell the count of an untouched pad: it lasts two pulses less than `window` (wm_touchsensor.c)."""
    # GUESS: the six bits go round: a window of 1, which wm_hal_touch_sensor.c sets, is the longest.
    return UNTOUCHED_COUNT * (window - 2 & MOST_PULSES) // MOST_PULSES


class Touch(Peripheral):
    """Scans its pads by turns; nobody touches them until `put_finger`."""

    # fmt: off
    class Control(Register):
        period    = rw(31, 26, "in 16 ms")
        window    = rw(25, 20, "in pulses of the sensor, and two more")
        pads      = rw(19, 4)
        enable    = rw(0)

    class Pad(Register):
        count     = ro(22, 8)
        threshold = rw(6, 0)

    class Interrupt(Register):
        enable    = rw(31, 16)
        touched   = w1c(15, 0)

    control   = at(0x00, Control)
    pad       = at(0x04, Pad, count=PADS)
    interrupt = at(0x44, Interrupt)
    # fmt: on

    saved_state = ("_scan", "added_counts")

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self.added_counts = [0] * PADS
        self._irq = irq
        self._scan = Countdown(environment.clock, self._scan_pads)
        self._scan.frequency_hz = 1000

    def put_finger(self, pad: int, counts: int) -> None:
        """Have the next scans of a pad count so much more; 0 takes the finger away."""
        self.added_counts[pad] = counts

    @on_write(Control)
    def _start_or_stop(self, _: int) -> None:
        self._scan.period = self.control.period * PERIOD_STEP_MS
        if not self.control.enable:
            self._scan.stop()
        elif not self._scan.is_running:
            self._scan.restart()

    def _scan_pads(self, _: int) -> None:
        untouched = untouched_count(self.control.window)
        for number, pad in enumerate(self.pad):
            if self.control.pads >> number & 1:
                pad.count = untouched + self.added_counts[number]
                # GUESS: against the count of the untouched pad; the guide only says "exceeded".
                self.interrupt.touched |= (self.added_counts[number] > pad.threshold) << number
        self._update_irq()

    @on_write(Interrupt)
    def _update_irq(self, _: int = 0) -> None:
        self._irq(bool(self.interrupt.touched & self.interrupt.enable))

    def _on_reset(self, cause: ResetCause) -> None:
        self._scan.restart(0)
        self._update_irq()
