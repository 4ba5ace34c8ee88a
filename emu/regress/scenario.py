"""What is done with a device, and what has to hold afterwards: a Python file, or the built-in update."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from emu.loader import LoadError
from emu.machine import Machine
from emu.options import suggestion

Step = Callable[[Machine], object]
"""Does something with a machine; an AssertionError tells what does not hold."""

Install = Callable[[Machine, bytes], object]

END_OF_STORY: Final = r"atcmd init finished\.\r\n"
NEW_VERSION: Final = "1.1.0"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story, such as an update, and the check of a device that has been started again after it."""

    name: str
    firmware: Path | None
    """None: the built-in demo."""
    options: Mapping[str, Any]
    """Of `Machine.load`."""
    story: Step
    check: Step
    """For a device that has just been powered on; what it raises tells what is broken."""
    source: Path | None = field(default=None, compare=False)
    """The file that it is from."""
    alive: Step | None = None
    """For a device that has gone through the story with faults, and goes on."""
    install: Install | None = None
    """Gives the device an image of an update; None: it lies where bootloaders look for it."""

    def load(self, firmware: Path | None = None, **more: Any) -> Machine:
        """A machine that has not been started; with another firmware, or more options, if they are given."""
        return Machine.load(firmware or self.firmware, **{**self.options, **more})


def load_scenario(path: Path | None) -> Scenario:
    """The scenario of a Python file; None: the built-in update. LoadError for one that is none.

    The file defines `story(machine)`; if it likes, also `check(machine)`, `alive(machine)` and
    `install(machine, image)`, `FIRMWARE`, a path relative to the file, and `OPTIONS`, a dictionary for
    `Machine.load`.
    """
    if path is None:
        return BUILT_IN
    try:
        found = runpy.run_path(str(path), run_name="scenario")
    except OSError as error:
        raise LoadError(f"{path}: cannot be read ({error.strerror}): check the name and the rights") from None
    except Exception as error:
        raise LoadError(f"{path}: {type(error).__name__}: {error}") from error
    names = [name for name in found if not name.startswith("_")]
    if not callable(found.get("story")):
        raise LoadError(f"{path}: defines no function story(machine){suggestion('story', names)}")
    if not callable(check := found.get("check", _any)):
        raise LoadError(f"{path}: check is no function")
    if not isinstance(options := found.get("OPTIONS", {}), Mapping):
        raise LoadError(f"{path}: OPTIONS is no dictionary")
    firmware = found.get("FIRMWARE")
    file = None if firmware is None else path.parent / firmware
    for name in ("alive", "install"):
        if found.get(name) is not None and not callable(found[name]):
            raise LoadError(f"{path}: {name} is no function")
    more = found.get("alive"), found.get("install")
    return Scenario(path.stem, file, options, found["story"], check, path, *more)


def _any(_machine: Machine) -> None:
    """Nothing has to hold."""


def _update(machine: Machine) -> None:
    """The demo installs its update."""
    machine.uart0.expect(END_OF_STORY)


def _is_updated(machine: Machine) -> None:
    """Whatever was left of the update is done, and the new firmware answers and has its settings."""
    machine.uart0.expect(END_OF_STORY)
    machine.uart0.write("AT+QVER\r\n")
    version = machine.uart0.expect(r"\+OK=(.*?),")[1]
    assert version == NEW_VERSION, f"the version is {version} instead of {NEW_VERSION}"
    machine.uart0.write("AT+SSID\r\n")
    machine.uart0.expect(r"\+OK=")


BUILT_IN: Final = Scenario("built-in update", None, {}, _update, _is_updated)
