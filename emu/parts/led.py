"""A light-emitting diode, also one that PWM dims."""

from __future__ import annotations

from typing import ClassVar

from emu.parts.net import Signal
from emu.parts.part import Part
from emu.parts.setting import Setting


class Led(Part):
    """Shines while its pin is low, or high with `active_high`; `brightness` is 0 to 1, the mean of PWM."""

    kind = "led"
    wires: ClassVar[tuple[str, ...]] = ("pin",)
    saved_state = ("switched",)
    active_high = Setting(False, "high is on: the other side is at ground")
    colour = Setting("red", "for those who read the board file: nothing here depends on it")

    def _connect(self) -> None:
        self.switched = 0
        """How often it has changed."""
        self.place.wires["pin"].on_signal(self._changed)

    @property
    def brightness(self) -> float:
        """The part of the time for which it is on."""
        duty = self.place.wires["pin"].signal.duty
        return duty if self.active_high else 1 - duty

    @property
    def is_on(self) -> bool:
        """Whether it shines at all."""
        return self.brightness > 0

    def _changed(self, _: Signal) -> None:
        self.switched += 1
