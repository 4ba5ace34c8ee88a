"""The pytest plugin: the fixtures `dut` and `sdk`.

`dut` is a machine with the firmware of the test, not yet started; `sdk` is the folder of the WM IoT SDK.

The firmware comes from `@pytest.mark.w800(firmware="...")`, the option `--w800-firmware` or the ini value
`w800_firmware`, in this order; without any of them it is the built-in demo. Further keywords of the marker
go to `Machine.load`. Relative paths count from pytest's root directory. All times are virtual.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # importing the emulator takes time, and most test runs have no `dut`
    from emu.machine import Machine


class Dut:
    """The device under test: its machine, and its UARTs as tests like to use them."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def expect(self, pattern: str, timeout: float = 10.0, uart: int = 0) -> re.Match[str]:
        """Run until the regular expression appears on the UART behind its previous match.

        `timeout` is in virtual seconds; after it the test fails and shows the last lines.
        """
        __tracebackhide__ = True
        from emu.machine import ExpectationError

        try:
            return self.machine.uarts[uart].expect(pattern, timeout)
        except ExpectationError as error:
            raise ExpectationError(*error.args) from None  # without the frames of the emulator

    def expect_exact(self, text: str, timeout: float = 10.0, uart: int = 0) -> re.Match[str]:
        """Like `expect`, for the text as it is."""
        __tracebackhide__ = True
        return self.expect(re.escape(text), timeout, uart)

    def write(self, data: str | bytes, uart: int = 0) -> None:
        """Send to the firmware; text goes as UTF-8."""
        self.machine.uarts[uart].write(data)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say which firmware `dut` runs, and where the SDK is."""
    what = "firmware for the fixture dut, relative to the root directory"
    group = parser.getgroup("w800emu")
    group.addoption("--w800-firmware", metavar="FILE", help=what)
    parser.addini("w800_firmware", what)
    group.addoption("--sdk", metavar="DIR", help="the WM IoT SDK for the fixture sdk; else WM_IOT_SDK_PATH")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers", "w800(firmware=None, **load): firmware of the fixture dut; the rest goes to Machine.load"
    )


@pytest.fixture
def dut(request: pytest.FixtureRequest) -> Generator[Dut]:
    """A device that has just been powered on."""
    from emu.machine import Machine

    marker = request.node.get_closest_marker("w800")
    config = request.config
    load: dict[str, Any] = dict(marker.kwargs) if marker else {}
    if marker and marker.args:
        load["firmware"], *more = marker.args
        if more or "firmware" in marker.kwargs:
            raise pytest.UsageError(f"{request.node.nodeid}: the marker w800 takes one firmware")
    firmware = (
        load.pop("firmware", None) or config.getoption("w800_firmware") or config.getini("w800_firmware")
    )
    with Machine.load(config.rootpath / firmware if firmware else None, **load) as machine:
        yield Dut(machine)


@pytest.fixture(scope="session")
def sdk(pytestconfig: pytest.Config) -> Path:
    """The WM IoT SDK that `--sdk` or the SDK's own variable names; skips the test without either."""
    folder = pytestconfig.getoption("--sdk") or os.environ.get("WM_IOT_SDK_PATH")
    if not folder:
        pytest.skip("needs the WM IoT SDK: --sdk DIR or WM_IOT_SDK_PATH")
    return Path(folder)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the firmware has printed beside the report of a failed test."""
    report = yield
    device = getattr(item, "funcargs", {}).get("dut")
    if report.when == "call" and report.failed and isinstance(device, Dut):
        report.sections += [(port.name, port.text) for port in device.machine.uarts if port.text]
    return report
