"""The analog inputs: what the board puts on them."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import overload

from emu.machine.errors import MachineError
from emu.machine.inputs import Inputs
from peripherals.adc import INPUTS, Adc
from peripherals.framework.environment import Clock
from peripherals.framework.waveform import Waveform, value_at

SUPPLY, TEMPERATURE = "supply_volts", "temperature_celsius"


class AnalogInput:
    """One input."""

    def __init__(self, inputs: AnalogInputs, number: int) -> None:
        self._inputs = inputs
        self._number = number

    @property
    def volts(self) -> float:
        """What is on it now; a `Waveform` may be put on it, which begins then."""
        return self._inputs.volts(self._number)

    @volts.setter
    def volts(self, volts: float | Waveform) -> None:
        self._inputs.put(f"input {self._number}", volts)

    def __repr__(self) -> str:
        return f"<adc {self._number}: {self.volts:.3f} V>"


class AnalogInputs(Sequence[AnalogInput]):
    """Inputs 0 to 3 of the converter, and what it measures of the chip itself."""

    def __init__(self, adc: Adc, clock: Clock, inputs: Inputs) -> None:
        self._adc = adc
        self._clock = clock
        self._inputs = tuple(AnalogInput(self, number) for number in range(INPUTS))
        self._let_in = inputs.door("adc", self._put)

    @overload
    def __getitem__(self, number: int) -> AnalogInput: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[AnalogInput]: ...
    def __getitem__(self, number: int | slice) -> AnalogInput | Sequence[AnalogInput]:
        return self._inputs[number]

    def __len__(self) -> int:
        return INPUTS

    @property
    def supply_volts(self) -> float:
        """The supply of the chip."""
        return self._adc.supply_volts

    @supply_volts.setter
    def supply_volts(self, volts: float) -> None:
        self.put(SUPPLY, volts)

    @property
    def temperature_celsius(self) -> float:
        """The temperature of the chip."""
        return self._adc.temperature_celsius

    @temperature_celsius.setter
    def temperature_celsius(self, celsius: float) -> None:
        self.put(TEMPERATURE, celsius)

    def volts(self, number: int) -> float:
        """What is on an input now."""
        return value_at(self._adc.input_volts[number], self._clock.now_ns)

    def put(self, place: str, value: float | Waveform) -> None:
        """Let a figure in; MachineError for what is none."""
        takes_waveforms = place not in (SUPPLY, TEMPERATURE)
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
        if not is_number and not (takes_waveforms and isinstance(value, Waveform)):
            raise MachineError(f"adc: {place}: {value!r} is no number{' or Waveform' * takes_waveforms}")
        self._let_in(place, value)

    def _put(self, place: str, value: float | Waveform) -> None:
        if isinstance(value, Waveform):
            value = value.beginning_at(self._clock.now_ns)
        if place in (SUPPLY, TEMPERATURE):
            setattr(self._adc, place, value)
        else:
            self._adc.input_volts[int(place.split()[1])] = value
