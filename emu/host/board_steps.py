"""Steps of a scenario about the board: what is done to its parts, and what has to be seen then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emu.machine import Machine
    from emu.machine.steps import Steps


@dataclass(frozen=True, slots=True)
class BoardStep:
    """Something that `Steps` can do, as a file or an option asks for it."""

    add: Callable[[Steps], object]
    """Adds it; MachineError for a part, a pin or a quantity that is not there."""
    makes_file: bool = False
    """Whether a run that does not come to it has failed."""
    place: str = ""
    """Where it is asked for, for messages."""

    def check(self, machine: Machine) -> None:
        """MachineError if it cannot be taken with this machine."""
        self.add(_steps_of(machine))

    def take(self, machine: Machine) -> None:
        """Take it now; AssertionError for what is not as expected, and errors as `Steps` raises them."""
        steps = _steps_of(machine)
        self.add(steps)
        steps.take()


def _steps_of(machine: Machine) -> Steps:
    from emu.machine.steps import Steps  # most runs take none

    return Steps(machine)


def board_steps(folder: Path) -> dict[str, Callable[[Any, int], BoardStep]]:
    """What makes them of the values of a file in that folder, by their names; ValueError for wrong ones."""
    return {
        "set": lambda value, _uart: _to_parts(
            value, lambda steps, part, quantity, each: steps.set(part, quantity, each)
        ),
        "do": lambda value, _uart: _to_parts(value, _do),
        "press": lambda value, _uart: BoardStep(lambda steps: steps.press(str(value))),
        "release": lambda value, _uart: BoardStep(lambda steps: steps.release(str(value))),
        "expect-pin": lambda value, _uart: _expect_pin(value),
        "expect-image": lambda value, _uart: BoardStep(
            _each(_files(value, folder), lambda steps, part, path: steps.expect_image(part, path))
        ),
        "expect-text": lambda value, _uart: BoardStep(
            _each(_table(value), lambda steps, part, text: steps.expect_text(part, str(text)))
        ),
        "take-screenshot": lambda value, _uart: BoardStep(
            _each(_files(value, folder), lambda steps, part, path: steps.take_screenshot(part, path)),
            makes_file=True,
        ),
    }


def take_screenshot(part: str, path: Path) -> BoardStep:
    """Write what a display shows."""
    place = f"--screenshot {part}={path}"
    return BoardStep(lambda steps: steps.take_screenshot(part, path), makes_file=True, place=place)


def _to_parts(value: Any, add: Callable[[Steps, str, str, Any], object]) -> BoardStep:
    """A table of parts, each with a table of names and values: `{ climate.celsius = 21.5 }`."""
    found = [
        (part, name, each) for part, names in _table(value).items() for name, each in _table(names).items()
    ]

    def add_all(steps: Steps) -> None:
        for part, name, each in found:
            add(steps, part, name, each)

    return BoardStep(add_all)


def _do(steps: Steps, part: str, stimulus: str, arguments: Any) -> object:
    return steps.do(part, stimulus, *(arguments if isinstance(arguments, list) else [arguments]))


def _expect_pin(value: Any) -> BoardStep:
    levels = _table(value)
    for pin, level in levels.items():
        if level not in (0, 1) or isinstance(level, float):
            raise ValueError(f"{pin}: {level!r} is no level: 0 or 1 is wanted")
    return BoardStep(_each(levels, lambda steps, pin, level: steps.expect_pin(pin, level)))


def _each(values: dict[Any, Any], add: Callable[[Steps, Any, Any], object]) -> Callable[[Steps], object]:
    def add_all(steps: Steps) -> None:
        for key, value in values.items():
            add(steps, key, value)

    return add_all


def _files(value: Any, folder: Path) -> dict[str, Path]:
    return {part: folder / str(file) for part, file in _table(value).items()}


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        raise ValueError(f"{value!r} is no table, such as {{ PB0 = 1 }}")
    return value
