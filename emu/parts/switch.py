"""A switch that stays where it is put."""

from __future__ import annotations

from typing import ClassVar

from emu.parts.part import Part, stimulus


class Switch(Part):
    """Puts its pin to the supply while it is on, to ground while it is off."""

    kind = "switch"
    wires: ClassVar[tuple[str, ...]] = ("pin",)
    saved_state = ("is_on",)

    def _connect(self) -> None:
        self._set(False)

    @stimulus
    def turn_on(self) -> None:
        """Put it to the supply."""
        self._set(True)

    @stimulus
    def turn_off(self) -> None:
        """Put it to ground."""
        self._set(False)

    def _set(self, is_on: bool) -> None:
        self.is_on = is_on
        self.place.wires["pin"].drive(is_on)
