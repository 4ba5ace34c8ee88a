"""Analog-to-digital converter.

Layout: wm_adc_reg_struct.h; how it is driven, and what codes mean: wm_hal_adc.c (both wm_iot_sdk).
"""

from __future__ import annotations

from enum import IntEnum

from peripherals.framework.deadline import Deadline
from peripherals.framework.environment import Environment, Line
from peripherals.framework.fields import ro, rw, unmodelled, w1c
from peripherals.framework.peripheral import Peripheral, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause
from peripherals.framework.waveform import Waveform, value_at

INPUTS = 4
CONVERSION_NS = 512_000
"""README_EN.md of examples/peripheral/adc shows 84 conversions in 43 ms and 8 in 4 ms on a board."""

REFERENCE_VOLTS = 1.196
VOLTS_PER_CODE = 126.363e-6 / 4
SUPPLY_CODE_AT_0 = -1_200_000 * 20 / 685
SUPPLY_CODES_PER_VOLT = 1e6 / 0.9 / 2 * 20 / 685
TEMPERATURE_CODE_AT_0 = 4_120_702 * 16 / 1000
TEMPERATURE_CODES_PER_DEGREE = 15_548 * 16 / 1000
CODE_MASK = 0x3_FFFF


class Channel(IntEnum):
    """The values of `analog_control.channel` above the four inputs."""

    INPUT0_MINUS_1 = 8
    INPUT2_MINUS_3 = 9
    TEMPERATURE = 12
    SUPPLY = 13
    OFFSET = 14


class Adc(Peripheral):
    """Converts what the test has set: `input_volts`, `supply_volts`, `temperature_celsius`."""

    # fmt: off
    class Result(Register):
        code          = ro(17, 0, "signed")

    class AnalogControl(Register):
        channel       = rw(11, 8)
        chopper       = rw(6, 4)
        power_down    = rw(2)
        run           = rw(1, doc="0 holds the logic in reset")
        regulator     = rw(0)

    class Amplifier(Register):
        gain          = unmodelled(8, 4, "codes are those of gain 1, which the driver counts with")
        bypass        = rw(3)
        bypass_reference = rw(2)
        chopper       = rw(1)
        enable        = rw(0)

    class Temperature(Register):
        gain          = rw(5, 4)
        swap          = rw(1, doc="the driver takes one code with each value and subtracts them")
        enable        = rw(0)

    class Control(Register):
        switch_time   = rw(29, 20)
        start_time    = rw(17, 8)
        below         = rw(6, doc="compare for less, not for greater or equal")
        compare_interrupt = rw(5)
        compare       = rw(4)
        interrupt     = rw(1)
        dma           = unmodelled(0, doc="the CPU has to fetch the results")

    class InterruptStatus(Register):
        compared      = w1c(1)
        converted     = w1c(0)

    class Threshold(Register):
        code          = rw(17, 0)

    result           = at(0x00, Result)
    analog_control   = at(0x04, AnalogControl, reset=0x4)
    amplifier        = at(0x08, Amplifier)
    temperature      = at(0x0C, Temperature)
    control          = at(0x10, Control, reset=0x0500_5000)
    interrupt_status = at(0x14, InterruptStatus)
    threshold        = at(0x18, Threshold)
    # fmt: on

    saved_state = ("_conversion", "input_volts", "supply_volts", "temperature_celsius")

    def __init__(self, name: str, environment: Environment, irq: Line) -> None:
        super().__init__(name, environment)
        self.input_volts: list[float | Waveform] = [1.0] * INPUTS
        self.supply_volts = 3.3
        self.temperature_celsius = 25.0
        self._irq = irq
        self._conversion = Deadline(environment.clock, self._convert)

    @on_write(AnalogControl)
    def _control_analog(self, _: int) -> None:
        analog = self.analog_control
        runs = analog.regulator and analog.run and not analog.power_down
        if not runs:
            self._conversion.cancel()
        elif self._conversion.due_ns is None:
            self._conversion.schedule(CONVERSION_NS)

    def _convert(self) -> None:
        code = max(-0x2_0000, min(self._code(), 0x1_FFFF))
        self.result.code = code
        self.interrupt_status.converted = 1
        if self.control.compare and (code < _signed(self.threshold.code)) == bool(self.control.below):
            self.interrupt_status.compared = 1
        self._conversion.schedule(CONVERSION_NS)
        self._update_irq()

    def _code(self) -> int:
        channel = self.analog_control.channel
        now_ns = self.environment.clock.now_ns
        volts = [value_at(volts, now_ns) for volts in self.input_volts]
        match channel:
            case Channel.INPUT0_MINUS_1:
                return round((volts[0] - volts[1]) / VOLTS_PER_CODE)
            case Channel.INPUT2_MINUS_3:
                return round((volts[2] - volts[3]) / VOLTS_PER_CODE)
            case Channel.TEMPERATURE:
                difference = TEMPERATURE_CODE_AT_0 + TEMPERATURE_CODES_PER_DEGREE * self.temperature_celsius
                return round(difference / 2) * (-1 if self.temperature.swap else 1)
            case Channel.SUPPLY:
                return round(SUPPLY_CODE_AT_0 + SUPPLY_CODES_PER_VOLT * self.supply_volts)
            case _ if channel < INPUTS:
                return round((volts[channel] - REFERENCE_VOLTS) / VOLTS_PER_CODE)
        return 0  # of OFFSET: an ideal converter

    @on_write(Control, InterruptStatus)
    def _update_irq(self, _: int = 0) -> None:
        status, control = self.interrupt_status, self.control
        by_result = status.converted and control.interrupt
        self._irq(bool(by_result or (status.compared and control.compare_interrupt)))

    def _on_reset(self, cause: ResetCause) -> None:
        self._conversion.cancel()
        self._update_irq()


def _signed(code: int) -> int:
    return (code & CODE_MASK ^ 0x2_0000) - 0x2_0000
