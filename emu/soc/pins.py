"""The pins of the chip by their names, as the board around it sees them. Names: wm_gpio.h (wm_iot_sdk)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from emu.parts.errors import PartError
from emu.parts.net import Net, Signal
from emu.soc.pin_functions import TOUCH_PINS, PinFunctions
from peripherals.gpio import Gpio

PINS_OF_PORT: Final = {"A": 16, "B": 32}
OUTSIDE: Final = "the board"
"""Who drives a pin by its name."""
_NOTHING: Final[dict[str, Any]] = {"drivers": {}, "sinks": [], "pulls": {}}
_NAME: Final = re.compile(r"P([AB])_?(\d{1,2})", re.IGNORECASE)


class PinError(KeyError):
    """There is no pin of that name."""

    def __str__(self) -> str:
        return str(self.args[0])


def plain_pin(name: object) -> str:
    """The name of a pin as `PB5`, however it is written; PinError if there is none."""
    match = _NAME.fullmatch(name) if isinstance(name, str) else None
    if match is None or int(match[2]) >= PINS_OF_PORT[match[1].upper()]:
        raise PinError(f"{name!r} is no pin: there are PA0 to PA15 and PB0 to PB31")
    return f"P{match[1].upper()}{int(match[2])}"


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

    @property
    def is_output(self) -> bool:
        """Whether its port drives it."""
        return self._port.is_output(self._number)

    @property
    def function(self) -> str:
        """What the firmware has given it to: GPIO, or as in I2C_SDA; empty: to no block."""
        return self._pins.functions.selected(self.name)

    @property
    def signal(self) -> Signal:
        """What is on it: a steady level, or what PWM makes."""
        return self._pins.net(self.name).signal

    def drive(self, level: int) -> None:
        """Put a level on it from outside, until `release`; ValueError for anything but high or low."""
        if level not in (0, 1):
            raise ValueError(f"{self.name}: {level!r} is no level: drive it with 0 or 1")
        self._pins.come("drive", self.name, bool(level))

    def release(self) -> None:
        """Let go of it: the chip, or a pull-up or pull-down, makes its level."""
        self._pins.come("drive", self.name, None)

    def pull(self, level: int | None) -> None:
        """Have a resistor on the board pull it to a level; None takes the resistor away."""
        if level not in (0, 1, None):
            raise ValueError(f"{self.name}: {level!r} is no level: pull it to 0 or 1")
        self._pins.come("pull", self.name, None if level is None else bool(level))

    def on_change(self, callback: Callable[[int, bool], object]) -> None:
        """Have every new level told with its virtual time in nanoseconds, whoever makes it.

        An open-drain output that lets go of its pull-up is told, too.
        """
        clock = self._port.environment.clock

        def tell(pin: int, level: bool) -> None:
            if pin == self._number:
                callback(clock.now_ns, level)

        self._port.observers.append(tell)

    def put(self, level: bool | None) -> None:
        """Take what all that is outside comes to: for the net of the pin."""
        self._port.drive(self._number, level)

    def touch(self, counts: int) -> None:
        """Have a finger there: for the net of the pin."""
        if self.name not in TOUCH_PINS:
            raise PartError(f"{self.name} is no pin of the touch sensor: there are {', '.join(TOUCH_PINS)}")
        self._pins.on_touch(TOUCH_PINS.index(self.name), counts)

    def __repr__(self) -> str:
        return f"<{self.name}: {'high' if self.level else 'low'}>"


class Pins(Mapping[str, Pin]):
    """`PA0` to `PA15` and `PB0` to `PB31`, also written as the SDK has it: `PB_05`; a PinError for others."""

    def __init__(self, gpio_a: Gpio, gpio_b: Gpio) -> None:
        self.ports = (gpio_a, gpio_b)
        self.functions = PinFunctions(gpio_a, gpio_b)
        self.come: Callable[[str, str, bool | None], object] = self.let_in
        """What people do to a pin; who replaces this passes it on to `let_in`."""
        self.on_conflict: Callable[[str], None] = lambda text: None
        """Gets a line about pins that are driven against each other."""
        self.on_touch: Callable[[int, int], None] = lambda pad, counts: None
        """Gets the pad of the touch sensor, and what a finger there adds to its count."""
        self._outputs: dict[str, Signal] = {}  # of blocks, by function
        self._nets: dict[str, Net] = {}  # of the pins that somebody outside has to do with
        self._pins = {
            f"P{letter}{number}": Pin(f"P{letter}{number}", port, number, self)
            for (letter, count), port in zip(PINS_OF_PORT.items(), self.ports, strict=True)
            for number in range(count)
        }

    def __getitem__(self, name: str) -> Pin:
        return self._pins[plain_pin(name)]

    def let_in(self, action: str, name: str, level: bool | None) -> None:
        """Carry out what somebody does to a pin: drive or pull it."""
        net = self.net(name)
        (net.drive if action == "drive" else net.pull)(OUTSIDE, level)

    def net(self, name: str) -> Net:
        """What a pin and the parts at it have in common."""
        pin = self[name]
        if pin.name not in self._nets:
            if not self._nets:
                self._listen()
            net = self._nets[pin.name] = Net(pin.name, pin)
            net.on_conflict = lambda text: self.on_conflict(text)
            net.put_block(self._outputs.get(pin.function))
        return self._nets[pin.name]

    def put_out(self, function: str, signal: Signal) -> None:
        """Have a block put out a signal, at whatever pins it has."""
        if self._outputs.get(function) == signal:
            return
        self._outputs[function] = signal
        if self._nets:
            for pin in self.functions.pins_of(function):
                if pin in self._nets:
                    self._nets[pin].put_block(signal)

    @property
    def hears_bits(self) -> bool:
        """Whether somebody listens to bits that blocks shift out."""
        return any(net.hears_bits for net in self._nets.values())

    def put_bits(self, function: str, data: bytes, bit_ns: int) -> None:
        """Have a block shift bits out, which are over now, at whatever pins it has."""
        for pin in self.functions.pins_of(function):
            if pin in self._nets:
                self._nets[pin].put_bits(data, bit_ns)

    def _listen(self) -> None:
        for letter, port in zip(PINS_OF_PORT, self.ports, strict=True):
            port.observers.internal.append(self._teller(letter))
            port.on_functions = self._functions_changed

    def _teller(self, letter: str) -> Callable[[int, bool], None]:
        nets, names = self._nets, [f"P{letter}{number}" for number in range(32)]

        def tell(pin: int, level: bool) -> None:
            if (net := nets.get(names[pin])) is not None:
                net.chip_changed(level)

        return tell

    def _functions_changed(self) -> None:
        for name, net in self._nets.items():
            net.put_block(self._outputs.get(self.functions.selected(name)))

    def save(self) -> dict[str, Any]:
        """Take a snapshot of what is around the pins."""
        outputs = {name: (signal.duty, signal.frequency_hz) for name, signal in self._outputs.items()}
        nets = {name: net.save() for name, net in self._nets.items() if net.is_used}
        return {"outputs": outputs, "nets": nets}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot; nobody is told, and the ports have their own."""
        self._outputs = {name: Signal(*signal) for name, signal in snapshot["outputs"].items()}
        for name in snapshot["nets"]:
            self.net(name)
        for name, net in self._nets.items():
            block = self._outputs.get(self.functions.selected(name))
            net.restore(snapshot["nets"].get(name, _NOTHING), block)

    def __iter__(self) -> Iterator[str]:
        return iter(self._pins)

    def __len__(self) -> int:
        return len(self._pins)
