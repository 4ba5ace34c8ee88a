"""Five pulse-width modulators; driven by wm_hal_pwm.c (wm_iot_sdk), wm_pwm.c (wm-sdk-w80x, wm-sdk-w806).

What the modes do: chapter 22 of the register manual of the W600, which has the same registers
(WM_W600_寄存器手册_v1.1.pdf in WinnerMicro/rtpkg-wm_libraries).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from peripherals.framework.countdown import Countdown
from peripherals.framework.environment import NS_PER_SECOND, Environment, Line
from peripherals.framework.peripheral import on_read, on_write
from peripherals.framework.reset import ResetCause
from peripherals.pwm_capture import FALLING, OVERFLOW, RISING, CaptureInput, with_edge, without
from peripherals.pwm_output import PwmOutput, PwmState
from peripherals.pwm_registers import CAPTURE_CHANNELS, CHANNELS, PwmRegisters


class Pwm(PwmRegisters):
    """Outputs as figures, edges on the capture inputs, interrupts after so many periods.

    `on_output` gets (channel, output) whenever what a channel puts out becomes another thing; `output` tells
    it at any time. `capture` and `brake` are lines from outside; the `inputs` request DMA.
    """

    saved_state = ("_countdowns", "inputs", "_is_brake_pulled", "_outputs")

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self.on_output: Callable[[int, PwmOutput], None] = lambda channel, output: None
        self._irq = irq
        self._is_brake_pulled = False
        self._outputs = [PwmOutput(PwmState.STOPPED)] * CHANNELS
        clock = environment.clock
        self._countdowns = tuple(Countdown(clock, partial(self._end_periods, n)) for n in range(CHANNELS))
        self.inputs = tuple(CaptureInput(clock, partial(self._overflow, n)) for n in CAPTURE_CHANNELS)
        self._counters = (*self._countdowns, *(line.phase for line in self.inputs))

    def output(self, channel: int) -> PwmOutput:
        """Tell what a channel puts out now."""
        if self.is_released(channel):
            return PwmOutput(PwmState.RELEASED)
        leader, bit = self.leader(channel), 1 << channel
        # wm_hal_pwm.c: a hardware issue lets a channel whose counter runs not be braked to high.
        level = int(bool(self.brake_control.level & bit))
        if self._is_brake_pulled and self.brake_control.enable & bit and not (level and self.runs(leader)):
            return PwmOutput(PwmState.BRAKED, level)
        is_inverted = self.is_inverted(leader)
        if not self.runs(leader):
            # tls_pwm_duty_set (wm-sdk-w80x) stops a channel for a duty of 0. GUESS: pairs stand alike.
            return PwmOutput(PwmState.STOPPED, int(is_inverted), is_inverted=is_inverted)
        return self._running(channel, leader, is_inverted)

    def capture(self, channel: int, level: bool) -> None:
        """Put a level on the capture input of channel 0 or 4."""
        index = CAPTURE_CHANNELS.index(channel)
        line = self.inputs[index]
        changed, line.is_high = line.is_high != level, level
        if not (changed and line.phase.is_running):
            return
        control, enable, status = self.capture_registers(index)
        count = line.end_phase(self.divider(channel))
        if level != bool(control.capture_invert):
            self.captured[index].rising = count
            status.captured = with_edge(status.captured, RISING)
            # GUESS: a word is fetched each period, when both of its phases are known.
            line.is_requesting = bool(enable.capture_dma)
        else:
            self.captured[index].falling = count
            status.captured = with_edge(status.captured, FALLING)
        self._update_lines()

    def brake(self, is_pulled: bool) -> None:
        """Pull the brake, or let it go.

        What level at the pin does that depends on the pin (drv_pwm.rst): low if it is pulled up, else high.
        """
        self._is_brake_pulled = is_pulled
        self._tell()

    def clocks_changed(self) -> None:
        """Count the new APB clock from here on."""
        for counter in self._counters:
            counter.frequency_hz = self.environment.frequencies.apb_hz
        self._tell()

    def clocks_stopped(self, are_stopped: bool) -> None:
        """Stand still in sleep."""
        for counter in self._counters:
            counter.hold(are_stopped)

    @on_write(
        PwmRegisters.Dividers,
        PwmRegisters.Period,
        PwmRegisters.PeriodCount,
        PwmRegisters.Compare,
        PwmRegisters.DeadTime,
        PwmRegisters.Brake,
        PwmRegisters.Timing4,
    )
    def _set_up(self, *_: int) -> None:
        for channel in range(CHANNELS):
            self._start_or_stop(channel)
        self._tell()

    @on_write(PwmRegisters.Control, PwmRegisters.InterruptEnable, PwmRegisters.Control4)
    def _control(self, _: int) -> None:
        for index in range(len(CAPTURE_CHANNELS)):
            self._start_or_stop_capture(index)
        self._update_lines()
        self._set_up()

    @on_write(PwmRegisters.Capture4)
    def _control_capture4(self, data: int) -> None:
        self.capture4.captured = without(self.capture4.captured, data >> 3)
        self._control(data)

    @on_write(PwmRegisters.InterruptStatus)
    def _acknowledge(self, data: int) -> None:
        self.interrupt_status.captured = without(self.interrupt_status.captured, data >> 5)
        self._update_lines()

    @on_read(PwmRegisters.Captured, consumes=True)
    def _fetch(self, index: int) -> int:
        self.inputs[index].is_requesting = False
        self._update_lines()
        return self.captured[index].value

    def _start_or_stop(self, channel: int) -> None:
        countdown, count = self._countdowns[channel], self.byte(self.period_count, channel)
        repeats = self.repeats(channel)
        # Nobody sees the end of periods that repeat without an interrupt: no alarm for them.
        matters = count and (self.interrupt_enable.periods >> channel & 1 or not repeats)
        # GUESS: a channel that does what another does has no periods of its own: wm_hal_pwm.c starts both,
        # and its interrupt handler would look for the settings of the other, which it does not keep.
        if not (matters and self.runs(channel) and self.leader(channel) == channel):
            countdown.stop()
            return
        # GUESS: what is set meanwhile counts once these periods are over; SDKs set it before they start.
        countdown.periodic = repeats
        countdown.period = count * self.waveform(channel).period
        if not countdown.is_running:
            countdown.restart()

    def _start_or_stop_capture(self, index: int) -> None:
        line, (control, enable, _) = self.inputs[index], self.capture_registers(index)
        captures = control.capture and self.runs(CAPTURE_CHANNELS[index])
        if not captures:
            line.phase.stop()
        elif not line.phase.is_running:
            line.start(self.divider(CAPTURE_CHANNELS[index]))
        line.is_requesting = bool(line.is_requesting and enable.capture_dma)

    def _end_periods(self, channel: int, _: int) -> None:
        self.interrupt_status.periods |= 1 << channel
        if not self._countdowns[channel].periodic:
            self.control.enable &= ~(1 << channel)  # GUESS: a single shot clears its enable bit
        self._update_lines()
        self._tell()

    def _overflow(self, channel: int) -> None:
        status = self.capture4 if channel == 4 else self.interrupt_status
        status.captured |= OVERFLOW

    def _running(self, channel: int, leader: int, is_inverted: bool) -> PwmOutput:
        wave, has_opposite = self.waveform(leader), self.has_opposite(channel)
        dead_clocks = self.dead_clocks(channel // 2) if has_opposite else 0
        if has_opposite and channel != leader:
            wave = wave.opposite()
        # GUESS: as everywhere, both sides of a pair rise later, so that for so long neither is high.
        wave = wave.later_by(dead_clocks)
        apb_hz = self.environment.frequencies.apb_hz
        return PwmOutput(
            PwmState.RUNNING,
            duty=(wave.opposite() if is_inverted else wave).high / wave.period,
            frequency_hz=apb_hz / wave.period,
            is_inverted=is_inverted,
            in_step_with=None if has_opposite or channel == leader else leader,
            complement_of=channel ^ 1 if has_opposite else None,
            dead_time_ns=dead_clocks * NS_PER_SECOND / apb_hz,
        )

    def _tell(self) -> None:
        for channel in range(CHANNELS):
            output = self.output(channel)
            if output != self._outputs[channel]:
                self._outputs[channel] = output
                self.on_output(channel, output)

    def _update_lines(self) -> None:
        enable, status = self.interrupt_enable, self.interrupt_status
        edges = status.captured & enable.edges | self.capture4.captured & self.capture4.edges
        self._irq(bool(status.periods & enable.periods or edges))
        for line in self.inputs:
            line.request(line.is_requesting)

    def _on_reset(self, cause: ResetCause) -> None:
        for counter in self._counters:
            counter.stop()
        for line in self.inputs:
            line.is_requesting = False
        self.clocks_changed()
        self._update_lines()
