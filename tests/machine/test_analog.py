"""The analog inputs of a machine."""

from __future__ import annotations

import pytest
from machine.device import SPIN, machine_of, store_word

from emu import Waveform
from emu.machine.errors import MachineError
from emu.soc.w800 import W800
from peripherals.adc import REFERENCE_VOLTS, VOLTS_PER_CODE

ADC = W800.rows["adc"].base


def measured(*, channel: int = 0, volts: float | Waveform, seconds: float = 0.000_6) -> int:
    machine = machine_of(store_word(ADC + 4, channel << 8 | 0b11) + SPIN)
    machine.adc[channel].volts = volts
    machine.run_for(seconds)
    code = int.from_bytes(machine.peek("adc.result"), "little")
    return (code ^ 0x2_0000) - 0x2_0000


@pytest.mark.parametrize("channel", range(4))
def test_firmware_measures_what_is_put_on_an_input(channel: int) -> None:
    assert measured(channel=channel, volts=1.5) == round((1.5 - REFERENCE_VOLTS) / VOLTS_PER_CODE)


def test_a_waveform_is_measured_at_the_time_of_the_conversion() -> None:
    ramp = Waveform.through([(0, 0), (0.001, 1)])
    assert measured(volts=ramp) == pytest.approx((0.512 - REFERENCE_VOLTS) / VOLTS_PER_CODE, abs=5)


def test_the_chip_itself_can_be_warmer() -> None:
    machine = machine_of(SPIN)
    machine.adc.temperature_celsius = 60
    machine.adc.supply_volts = 3.0
    assert (machine.adc.temperature_celsius, machine.adc.supply_volts) == (60, 3.0)
    machine.adc[0].volts = Waveform.sine(1, 0.5, 10)
    machine.run_for(0.025)
    assert machine.adc[0].volts == pytest.approx(1.5, abs=0.001)


@pytest.mark.parametrize("value", ["1.2", None, True, [1], float("nan")])
def test_what_is_no_figure_is_refused(value: object) -> None:
    machine = machine_of(SPIN)
    with pytest.raises(MachineError, match=r"adc: input 0: .* is no number or Waveform"):
        machine.adc[0].volts = value  # type: ignore[assignment]
    with pytest.raises(MachineError, match=r"adc: supply_volts: .* is no number$"):
        machine.adc.supply_volts = Waveform.sine(1, 1, 1)  # type: ignore[assignment]
