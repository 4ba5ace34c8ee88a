"""A push button to ground or to the supply, which does not bounce unless told to."""

from __future__ import annotations

from typing import ClassVar

from emu.parts.part import Part, stimulus
from emu.parts.setting import Setting
from peripherals.framework.deadline import Deadline

NS_PER_MS = 1_000_000


class Button(Part):
    """Connects its pin to ground while it is pressed; with `active_high` to the supply."""

    kind = "button"
    wires: ClassVar[tuple[str, ...]] = ("pin",)
    saved_state = ("_is_pressed", "_bounces_left", "_bounce")
    active_high = Setting(False, "pressed is high: the button is at the supply")
    pull = Setting(True, "a resistor on the board makes the level while nobody presses")
    bounces = Setting(0, "how often the contact opens again, a millisecond each", within=(0, 100))

    def _connect(self) -> None:
        self._wire = self.place.wires["pin"]
        self._bounce = Deadline(self.place.clock, self._bounce_again)
        self._is_pressed = False
        self._bounces_left = 0
        if self.pull:
            self._wire.pull(not self.active_high)

    @property
    def is_pressed(self) -> bool:
        """Whether somebody holds it."""
        return self._is_pressed

    @stimulus
    def press(self) -> None:
        """Push it, and hold it."""
        self._set(True)

    @stimulus
    def release(self) -> None:
        """Let go of it."""
        self._set(False)

    def _set(self, is_pressed: bool) -> None:
        if is_pressed is not self._is_pressed:
            self._is_pressed = is_pressed
            self._bounces_left = 2 * self.bounces
            self._touch(is_pressed)

    def _touch(self, is_closed: bool) -> None:
        self._wire.drive(self.active_high if is_closed else None)
        if self._bounces_left:
            self._bounce.schedule(NS_PER_MS // 2)

    def _bounce_again(self) -> None:
        self._bounces_left -= 1
        self._touch(self._is_pressed is not bool(self._bounces_left % 2))
