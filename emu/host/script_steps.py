"""Scripts without Python: steps that are taken one after the other, from options or from a TOML file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from emu.host.board_steps import BoardStep, board_steps
from emu.host.text_pattern import TextPattern, parse_pattern, parse_sent
from emu.host.wifi_steps import WifiStep, wifi_step
from emu.quantities import parse_duration


@dataclass(frozen=True, slots=True)
class WaitSerial:
    """Until a UART has printed something, counted from the step before."""

    pattern: TextPattern

    @property
    def uart(self) -> int:
        """Which one."""
        return self.pattern.uart


@dataclass(frozen=True, slots=True)
class WriteSerial:
    """Send bytes to a UART."""

    uart: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Delay:
    """Let virtual time pass."""

    duration_ns: int


@dataclass(frozen=True, slots=True)
class PowerCycle:
    """Take the power away and give it back."""


@dataclass(frozen=True, slots=True)
class PowerCut:
    """The same at a flash operation, counted from the step before."""

    operation: int


@dataclass(frozen=True, slots=True)
class Reset:
    """Reset the chip as its reset pin does."""


@dataclass(frozen=True, slots=True)
class At:
    """Wait until a virtual time of the run, from power-on."""

    time_ns: int


Step = WaitSerial | WriteSerial | Delay | At | PowerCycle | PowerCut | Reset | BoardStep | WifiStep


def steps_of_options(sent: Sequence[tuple[int, bytes]], awaited: Sequence[TextPattern]) -> tuple[Step, ...]:
    """`--send` and `--on`: each is sent when that of its place has come; ValueError if they do not pair."""
    if awaited and len(awaited) != len(sent):
        raise ValueError(f"{len(sent)} times --send and {len(awaited)} times --on: each --send has its --on")
    steps: list[Step] = []
    for number, (uart, data) in enumerate(sent):
        steps += [WaitSerial(awaited[number])] if awaited else []
        steps.append(WriteSerial(uart, data))
    return tuple(steps)


def load_scenario(path: Path) -> tuple[Step, ...]:
    """Read `[[steps]]` of a TOML file; ValueError names the step that is wrong."""
    known = {**_STEPS, **board_steps(path.parent)}
    return tuple(_steps(path, lambda fields: _step(fields, fields.pop("uart", 0), known)))


def load_uart_script(path: Path, uart: int) -> tuple[Step, ...]:
    """The same for the other end of one UART, which the file does not name: it waits and writes there."""

    def step_of(fields: dict[str, Any]) -> Step:
        if "uart" in fields:
            raise ValueError("uart: a script of one UART has no other")
        step = _step(fields, uart, _STEPS_OF_UART)
        if isinstance(step, WaitSerial | WriteSerial) and step.uart != uart:
            raise ValueError(f"uart{step.uart}: a script of one UART has no other")
        return step

    return tuple(_steps(path, step_of))


def _steps(path: Path, step_of: Callable[[dict[str, Any]], Step]) -> Iterator[Step]:
    import tomllib  # few need it

    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: {error}") from None
    steps = tree.get("steps")
    if not isinstance(steps, list) or not steps or set(tree) - {"name", "steps"}:
        raise ValueError(f"{path}: a scenario is a list of [[steps]], and perhaps a name")
    for number, fields in enumerate(steps, 1):
        try:
            if not isinstance(fields, dict):
                raise ValueError("it is no table")
            step = step_of(fields)
            if isinstance(step, BoardStep | WifiStep):
                step = replace(step, place=f"{path}: step {number}")
            yield step
        except ValueError as error:
            raise ValueError(f"{path}: step {number}: {error}") from None


def _step(fields: dict[str, Any], uart: Any, known: Mapping[str, Callable[[Any, int], Step]]) -> Step:
    if uart not in range(6):
        raise ValueError(f"uart: {uart!r} is none of 0 to 5")
    if len(fields) != 1:
        raise ValueError(f"it does {len(fields)} things instead of one of {', '.join(known)}")
    [(name, value)] = fields.items()
    if name not in known:
        raise ValueError(f"{name!r} is none of {', '.join(known)}")
    return known[name](value, uart)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value


def _wait(value: Any, uart: int) -> Step:
    pattern = parse_pattern(_text(value))
    return WaitSerial(TextPattern(pattern.text, pattern.uart or uart, pattern.is_regex))


def _write(value: Any, uart: int) -> Step:
    named, data = parse_sent(_text(value))
    return WriteSerial(named or uart, data)


def _power_cut(value: Any, _uart: int) -> Step:
    if value is True:
        return PowerCycle()
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{value!r} is neither true, for now, nor the number of a flash operation from 1 on")
    return PowerCut(value)


def _reset(value: Any, _uart: int) -> Step:
    if value is not True:
        raise ValueError(f"{value!r}: a reset is made with true")
    return Reset()


_STEPS: Final[dict[str, Callable[[Any, int], Step]]] = {
    "wait-serial": _wait,
    "write-serial": _write,
    "delay": lambda value, _uart: Delay(parse_duration(_text(value))),
    "at": lambda value, _uart: At(parse_duration(_text(value))),
    "power-cut": _power_cut,
    "reset": _reset,
    "wifi": lambda value, _uart: wifi_step(value),
}
"""By their names in files; those that Wokwi has mean the same there."""
_STEPS_OF_UART: Final = {name: _STEPS[name] for name in ("wait-serial", "write-serial", "delay", "at")}
