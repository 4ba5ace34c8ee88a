"""A thermal switch with hysteresis: an example of a part in a package of its own."""

from __future__ import annotations

from typing import ClassVar

from emu.parts import Part, Quantity, Setting


class ThermistorSwitch(Part):
    """Pulls its pin low above a temperature, and lets go below a lower one."""

    kind = "thermistor_switch"
    wires: ClassVar[tuple[str, ...]] = ("pin",)
    saved_state = ("is_hot",)
    on_celsius = Setting(60.0, "where it switches on")
    off_celsius = Setting(50.0, "where it switches off")
    celsius = Quantity(25.0, "the temperature", within=(-40, 150))

    def _connect(self) -> None:
        self.place.wires["pin"].pull(True)

    def _power_on(self) -> None:
        self.is_hot = False
        self._quantity_changed("celsius")

    def _quantity_changed(self, name: str) -> None:
        limit = self.off_celsius if self.is_hot else self.on_celsius
        self.is_hot = self.celsius > limit
        self.place.wires["pin"].sink(self.is_hot)
