"""Steps of a scenario at virtual times: what people do to a board, and what has to be seen then."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any, Self

from emu.machine.arguments import check_seconds
from emu.machine.errors import MachineError
from emu.machine.machine import Machine
from emu.machine.pictures import assert_image, check_shows, display_of, text_display_of, write_picture
from emu.parts.display import TextDisplay
from emu.parts.errors import PartError
from emu.parts.setting import Quantity


class Steps:
    """Collects steps, and carries them out in the order of their times, those of a time as they were given.

    Times are virtual seconds from `run` on: `Steps(machine).at(0.5).press("ok").at(1).expect_pin("PB0", 0)`.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._steps: list[tuple[int, Callable[[], None]]] = []
        self._at_ns = 0

    def at(self, time_s: float) -> Self:
        """The time of the steps that follow."""
        self._at_ns = check_seconds("at", time_s)
        return self

    def set(self, part: str, quantity: str, value: Any) -> Self:
        """Set what a part measures; MachineError if it has no such quantity, PartError for a wrong value."""
        settings = dict(self._machine.parts[part].declared_settings())
        known = settings.get(quantity)
        if not isinstance(known, Quantity):
            names = ", ".join(name for name, each in settings.items() if isinstance(each, Quantity))
            raise MachineError(f"set: {part} has no quantity {quantity!r}: there are {names or 'none'}")
        known.checked(f"set: {part}", value)
        return self._add(lambda: setattr(self._machine.parts[part], quantity, value))

    def do(self, part: str, stimulus: str, *arguments: Any) -> Self:
        """Do something to a part, such as `do("knob", "turn", 3)`; MachineError if that cannot be done."""
        method = getattr(getattr(type(self._machine.parts[part]), stimulus, None), "carry_out", None)
        if method is None:
            raise MachineError(f"do: {stimulus!r} cannot be done to {part}")
        try:
            signature(method).bind(part, *arguments)
        except TypeError as error:
            raise MachineError(f"do: {part}.{stimulus}: {error}") from None
        return self._add(lambda: getattr(self._machine.parts[part], stimulus)(*arguments))

    def press(self, part: str) -> Self:
        """Press a button, and hold it."""
        return self.do(part, "press")

    def release(self, part: str) -> Self:
        """Let go of a button."""
        return self.do(part, "release")

    def drive(self, pin: str, level: int | None) -> Self:
        """Put a level on a pin; None lets go."""
        found = self._machine.pins[pin]
        return self._add(found.release if level is None else partial(found.drive, level))

    def expect_pin(self, pin: str, level: int) -> Self:
        """Have a pin at a level; AssertionError if it is not, and PinError if there is none of that name."""
        _ = self._machine.pins[pin]
        return self._add(partial(self._check_pin, pin, bool(level)))

    def expect_image(self, part: str, path: Path | str) -> Self:
        """Have a display show the picture of a file; AssertionError if it does not."""
        display_of(self._machine, part)
        return self._add(partial(assert_image, self._machine, part, path))

    def expect_text(self, part: str, text: str) -> Self:
        """Have a display show these characters; AssertionError if it does not."""
        display = text_display_of(self._machine, part)
        return self._add(partial(_check_text, display, text))

    def take_screenshot(self, part: str, path: Path | str) -> Self:
        """Write what a display shows, as PNG or as text; LoadError if it is none."""
        check_shows(self._machine, part)
        return self._add(partial(write_picture, self._machine, part, path))

    def take(self) -> None:
        """Carry them out now, one after the other, whatever their times."""
        for _, action in self._steps:
            action()

    def run(self, max_time_s: float | None = None) -> None:
        """Carry them out, and run on to `max_time_s`, if given; MachineError if the run ends before."""
        start_ns = self._machine.now_ns
        for time_ns, action in sorted(self._steps, key=lambda step: step[0]):
            self._run_until(start_ns + time_ns)
            try:
                action()
            except (AssertionError, PartError) as error:
                raise type(error)(f"at {time_ns / 1e9:g} s: {error}") from None
        if max_time_s is not None:
            self._run_until(start_ns + check_seconds("max_time_s", max_time_s))

    def _add(self, action: Callable[[], None]) -> Self:
        self._steps.append((self._at_ns, action))
        return self

    def _run_until(self, time_ns: int) -> None:
        machine = self._machine
        if machine.now_ns < time_ns:
            result = machine.run(time_ns - machine.now_ns)
            if machine.now_ns < time_ns:
                raise MachineError(f"the run has ended before its next step: {result}")

    def _check_pin(self, pin: str, level: bool) -> None:
        if self._machine.pins[pin].level is not level:
            raise AssertionError(f"{pin} is {'low, not high' if level else 'high, not low'}")


def _check_text(display: TextDisplay, text: str) -> None:
    if display.text != text:
        raise AssertionError(f"{display.name} shows {display.text!r}, not {text!r}")
