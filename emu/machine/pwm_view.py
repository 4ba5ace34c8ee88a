"""What the channels of the pulse-width modulator put out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import overload

from emu.parts.net import Signal
from emu.soc.pins import Pins
from peripherals.framework.observers import Observers
from peripherals.pwm import Pwm
from peripherals.pwm_output import PwmOutput
from peripherals.pwm_registers import CHANNELS


class PwmChannels(Sequence[PwmOutput]):
    """The outputs of channels 0 to 4: duty, frequency and what makes them; pins get them as their signal."""

    def __init__(self, pwm: Pwm, pins: Pins) -> None:
        self.observers = Observers[[int, PwmOutput]]()
        """Told (channel, output) whenever a channel puts out something else."""
        self._pwm = pwm
        self._pins = pins
        pwm.on_output = self._put_out

    @overload
    def __getitem__(self, channel: int) -> PwmOutput: ...
    @overload
    def __getitem__(self, channel: slice) -> Sequence[PwmOutput]: ...
    def __getitem__(self, channel: int | slice) -> PwmOutput | Sequence[PwmOutput]:
        channels = range(CHANNELS)[channel]
        if isinstance(channels, int):
            return self._pwm.output(channels)
        return [self._pwm.output(each) for each in channels]

    def __len__(self) -> int:
        return CHANNELS

    def on_change(self, callback: Callable[[int, PwmOutput], object]) -> None:
        """Have every new output told with its channel, at its virtual time."""
        self.observers.append(callback)

    def _put_out(self, channel: int, output: PwmOutput) -> None:
        self._pins.put_out(f"PWM{channel}", Signal(output.duty, output.frequency_hz))
        self.observers(channel, output)
