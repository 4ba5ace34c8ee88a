"""The registers of the PWM block. Layout: wm_pwm_reg_struct.h (wm_iot_sdk)."""

from __future__ import annotations

from typing import Any

from peripherals.framework.fields import ro, rw, w1c
from peripherals.framework.peripheral import Peripheral
from peripherals.framework.register import Register, at
from peripherals.pwm_output import Waveform

CHANNELS = 5
CENTER_ALIGNED = 2
CAPTURE_CHANNELS = (0, 4)


class PwmRegisters(Peripheral):
    """The register map, and what it says about a channel; the bits of channel 4 have places of their own."""

    # fmt: off
    class Dividers(Register):
        odd            = rw(31, 16)
        even           = rw(15, 0)

    class Control(Register):
        enable         = rw(31, 27)
        capture_invert = rw(25)
        capture        = rw(24)
        alignment      = rw(23, 16, "two bits each channel: 0, 1 edge, 2 center")
        pairs_in_step  = rw(15, 14, "the odd channel does what the even one does")
        tri_state      = rw(12, doc="of channel 0")
        repeat         = rw(11, 8)
        all_in_step    = rw(6, doc="all channels do what channel 0 does")
        invert         = rw(5, 2)
        complementary  = rw(1, 0, "the odd channel does the opposite of the even one")

    class Period(Register):
        bytes          = rw(31, 0, "one each channel, in divided clocks, less 1")

    class PeriodCount(Register):
        bytes          = rw(31, 0, "how many periods make an interrupt, or all that there are; 0: neither")

    class Compare(Register):
        bytes          = rw(31, 0)

    class DeadTime(Register):
        enable         = rw(21, 20, "a bit each pair")
        divider        = rw(17, 16, "of the APB clock, 1 << this")
        counts         = rw(15, 0, "a byte each pair")

    class InterruptEnable(Register):
        capture_dma    = rw(7)
        edges          = rw(6, 5, "falling, rising")
        periods        = rw(4, 0)

    class InterruptStatus(Register):
        captured       = w1c(9, 5, "as in pwm_capture.py")
        periods        = w1c(4, 0)

    class Captured(Register):
        falling        = ro(31, 16, "the high phase before the last falling edge, in divided clocks")
        rising         = ro(15, 0, "the low phase before the last rising edge")

    class Brake(Register):
        enable         = rw(15, 11)
        level          = rw(7, 3)

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
        capture_dma    = rw(10)
        edges          = rw(9, 8, "falling, rising")
        captured       = w1c(7, 3, "as in pwm_capture.py")
        tri_state      = rw(2)
        capture        = rw(1)
        capture_invert = rw(0)

    dividers         = at(0x00, Dividers, count=2)
    control          = at(0x08, Control)
    period           = at(0x0C, Period)
    period_count     = at(0x10, PeriodCount)
    compare          = at(0x14, Compare)
    dead_time        = at(0x18, DeadTime)
    interrupt_enable = at(0x1C, InterruptEnable)
    interrupt_status = at(0x20, InterruptStatus)
    captured         = at(0x24, Captured, count=2, stride=0x10)
    brake_control    = at(0x28, Brake)
    timing4          = at(0x2C, Timing4)
    control4         = at(0x30, Control4)
    capture4         = at(0x38, Capture4)
    # fmt: on

    def leader(self, channel: int) -> int:
        """Tell whose counter and settings make the output of a channel."""
        if self.control.all_in_step:
            return 0
        pairs = self.control.pairs_in_step | self.control.complementary
        return channel & ~1 if channel < 4 and pairs >> channel // 2 & 1 else channel

    def has_opposite(self, channel: int) -> bool:
        """Tell whether the channel and the other of its pair are each other's opposite."""
        # Drivers clear the bits of stronger modes only, so: brake, all in step, pair in step, complementary.
        if channel == 4 or self.control.all_in_step:
            return False
        return bool((self.control.complementary & ~self.control.pairs_in_step) >> channel // 2 & 1)

    def is_inverted(self, channel: int) -> bool:
        """Tell whether its waveform leaves upside down."""
        return bool(self.control4.invert if channel == 4 else self.control.invert >> channel & 1)

    def repeats(self, channel: int) -> bool:
        """Tell whether its periods go on and on."""
        return bool(self.control4.repeat if channel == 4 else self.control.repeat >> channel & 1)

    def is_released(self, channel: int) -> bool:
        """Tell whether it leaves its pin alone."""
        # GUESS: capturing is enough: tls_pwm_cap_init (wm-sdk-w80x) leaves the tri-state bit of channel 4.
        if channel not in CAPTURE_CHANNELS:
            return False
        control = self.capture4 if channel == 4 else self.control
        return bool(control.tri_state or control.capture)

    def runs(self, channel: int) -> bool:
        """Tell whether its counter is enabled."""
        return bool(self.control.enable >> channel & 1)

    def dead_clocks(self, pair: int) -> int:
        """Tell the dead time of channels 0 and 1, or 2 and 3, in APB clocks."""
        dead_time = self.dead_time
        is_enabled = dead_time.enable >> pair & 1
        return (dead_time.counts >> 8 * pair & 0xFF) << dead_time.divider if is_enabled else 0

    def waveform(self, channel: int) -> Waveform:
        """Tell what its own settings make."""
        alignment = self.control4.alignment if channel == 4 else self.control.alignment >> 2 * channel & 3
        shape = Waveform.center_aligned if alignment == CENTER_ALIGNED else Waveform.edge_aligned
        return shape(self.byte(self.period, channel), self.byte(self.compare, channel), self.divider(channel))

    def divider(self, channel: int) -> int:
        """Tell by what the APB clock is divided for it."""
        if channel == 4:
            return self.timing4.divider or 1
        pair = self.dividers[channel // 2]
        return (pair.odd if channel % 2 else pair.even) or 1

    def byte(self, register: Register, channel: int) -> int:
        """Tell its value in `period`, `period_count` or `compare`."""
        if channel < 4:
            return register.value >> 8 * channel & 0xFF
        of_channel4 = {
            "period": self.timing4.period,
            "period_count": self.timing4.count,
            "compare": self.control4.compare,
        }
        return of_channel4[register.name]

    def capture_registers(self, index: int) -> tuple[Any, Any, Any]:
        """Give what controls, enables and tells the captures of CAPTURE_CHANNELS[index]."""
        if CAPTURE_CHANNELS[index] == 4:
            return self.capture4, self.capture4, self.capture4
        return self.control, self.interrupt_enable, self.interrupt_status
