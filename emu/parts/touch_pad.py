"""A pad of copper for the touch sensor of the chip."""

from __future__ import annotations

from typing import ClassVar

from emu.parts.part import Part, stimulus
from emu.parts.setting import Setting


class TouchPad(Part):
    """A finger on it adds to what the sensor counts; it is at one of the sensor's pins."""

    kind = "touch_pad"
    wires: ClassVar[tuple[str, ...]] = ("pin",)
    saved_state = ("_is_pressed",)
    # GUESS: a finger of 10 % of what README_EN.md of touch_sensor/touch_poll (wm_iot_sdk) shows without one.
    counts = Setting(200, "what a finger adds to the count of a scan", within=(1, 10_000))

    def _connect(self) -> None:
        self._touch(False)

    def detach(self) -> None:
        """Be taken off again, and the finger with it."""
        if self.is_attached and self._is_pressed:
            self._touch(False)
        super().detach()

    @property
    def is_pressed(self) -> bool:
        """Whether a finger is on it."""
        return self._is_pressed

    @stimulus
    def press(self) -> None:
        """Put a finger on it."""
        self._touch(True)

    @stimulus
    def release(self) -> None:
        """Take the finger away."""
        self._touch(False)

    def _touch(self, is_pressed: bool) -> None:
        self._is_pressed = is_pressed
        self.place.wires["pin"].touch(self.counts * is_pressed)
