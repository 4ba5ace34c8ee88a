"""The pins of the chip by their names, as the board around it sees them. Names: wm_gpio.h (wm_iot_sdk)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from peripherals.gpio import Gpio

PINS_OF_PORT: Final = {"A": 16, "B": 32}
_NAME: Final = re.compile(r"P([AB])_?(\d{1,2})", re.IGNORECASE)


class PinError(KeyError):
    """There is no pin of that name."""

    def __str__(self) -> str:
        return str(self.args[0])


class Pin:
    """One pin: what the board puts on it, and what level it has."""

    def __init__(self, name: str, port: Gpio, number: int, pins: Pins) -> None:
        self.name = name
        self._port = port
        self._number = number
        self._pins = pins

    @property
    def level(self) -> bool:
        """Whether it is high, whoever makes it so."""
        return self._port.is_high(self._number)

    def drive(self, level: int) -> None:
        """Put a level on it from outside, until `release`; ValueError for anything but high or low."""
        if level not in (0, 1):
            raise ValueError(f"{self.name}: {level!r} is no level: drive it with 0 or 1")
        self._pins.drive(self.name, bool(level))

    def release(self) -> None:
        """Let go of it: the chip, or a pull-up or pull-down, makes its level."""
        self._pins.drive(self.name, None)

    def on_change(self, callback: Callable[[bool], object]) -> None:
        """Have every new level told, whoever makes it, at its virtual time."""

        def tell(pin: int, level: bool) -> None:
            if pin == self._number:
                callback(level)

        self._port.observers.append(tell)

    def __repr__(self) -> str:
        return f"<{self.name}: {'high' if self.level else 'low'}>"


class Pins(Mapping[str, Pin]):
    """`PA0` to `PA15` and `PB0` to `PB31`, also written as the SDK has it: `PB_05`; a PinError for others."""

    def __init__(self, gpio_a: Gpio, gpio_b: Gpio) -> None:
        self.ports = (gpio_a, gpio_b)
        self.drive: Callable[[str, bool | None], object] = self._drive
        """Puts a level on a pin, or lets go of it; who replaces this passes it on to what was there."""
        self._pins = {
            f"P{letter}{number}": Pin(f"P{letter}{number}", port, number, self)
            for (letter, count), port in zip(PINS_OF_PORT.items(), self.ports, strict=True)
            for number in range(count)
        }

    def __getitem__(self, name: str) -> Pin:
        match = _NAME.fullmatch(name) if isinstance(name, str) else None
        plain = f"P{match[1].upper()}{int(match[2])}" if match else ""
        if plain not in self._pins:
            raise PinError(f"{name!r} is no pin: there are PA0 to PA15 and PB0 to PB31")
        return self._pins[plain]

    def _drive(self, name: str, level: bool | None) -> None:
        self.ports["AB".index(name[1])].drive(int(name[2:]), level)

    def __iter__(self) -> Iterator[str]:
        return iter(self._pins)

    def __len__(self) -> int:
        return len(self._pins)
