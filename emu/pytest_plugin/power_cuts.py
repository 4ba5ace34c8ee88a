"""`@pytest.mark.power_cuts(check=...)`: a test that has passed is cut at each of its flash operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from emu.pytest_plugin.dut import Dut
from emu.pytest_plugin.settings import Settings

MARKER = "power_cuts"
HELP = (
    f"{MARKER}(*, check, torn=None, seed=0): cut the power at each flash operation of the test, which has "
    "the fixture dut, and call check(dut) with a device that is started again (see docs/testing.md)"
)
_ARGUMENTS = ("check", "torn", "seed")


def check_power_cuts(item: pytest.Item) -> Iterator[str]:
    """What is wrong with the marker of a test."""
    marker = item.get_closest_marker(MARKER)
    if marker is None:
        return
    given = marker.kwargs
    if unknown := given.keys() - set(_ARGUMENTS):
        yield f"the marker {MARKER} has no argument {', '.join(sorted(unknown))}"
    elif marker.args or not callable(given.get("check")):
        yield f"the marker {MARKER} needs check=: a function that gets the device"
    elif "dut" not in getattr(item, "fixturenames", ()):
        yield f"the marker {MARKER} is for tests with the fixture dut"
    elif given.get("torn") is not None:
        yield from _check_torn(given["torn"])


def _check_torn(torn: object) -> Iterator[str]:
    from emu.regress.powercut.torn import NAMES

    if not isinstance(torn, list | tuple) or any(name not in NAMES for name in torn):
        yield f"the marker {MARKER} takes a list of {', '.join(NAMES)} as torn, not {torn!r}"


def cut_power(item: pytest.Item) -> None:
    """Make all cuts of a test that has passed; fail it for devices that do not come back as they should."""
    marker = item.get_closest_marker(MARKER)
    if marker is None:
        return
    from emu.machine import MachineError
    from emu.regress.powercut.device import Device
    from emu.regress.powercut.options import CutOptions, SweepOptions
    from emu.regress.powercut.results import Nothing
    from emu.regress.powercut.sweep import Sweep
    from emu.regress.powercut.text import lines_of
    from emu.regress.powercut.torn import NAMES
    from emu.regress.scenario import Scenario

    given = marker.kwargs
    torn = NAMES if given.get("torn") is None else given["torn"]
    settings = Settings.of(item)
    options = {**settings.options, "flash_rules": "off"}  # the test itself has been checked
    name = item.nodeid
    scenario = Scenario(name, settings.firmware, options, _story(item), _check(given["check"]))
    try:
        device = Device(scenario, CutOptions(frozenset(torn), given.get("seed", 0)))
    except MachineError as error:
        pytest.fail(str(error), pytrace=False)
    report = Sweep(device, SweepOptions()).run(Nothing())
    device.close()
    if report.bad:
        pytest.fail("\n".join(lines_of(report, can_replay=False)), pytrace=False)


def _story(item: pytest.Item) -> Callable[[Any], object]:
    """The test again, with a device of ours."""
    test: Any = item
    arguments = {name: test.funcargs[name] for name in test._fixtureinfo.argnames}

    def story(machine: Any) -> None:
        test.obj(**{**arguments, "dut": Dut(machine)})

    return story


def _check(check: Callable[[Dut], object]) -> Callable[[Any], object]:
    return lambda machine: check(Dut(machine))
