"""The pytest plugin: devices, and the markers `w800` and `power_cuts`; see docs/testing.md.

The emulator takes its time to import, and most test runs have no `dut`: it is imported where it is used.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from emu.pytest_plugin import coverage, debugging, measuring, power_cuts, recordings, seeds
from emu.pytest_plugin.booted import booted
from emu.pytest_plugin.dut import Dut
from emu.pytest_plugin.dut_flash import DutFlash
from emu.pytest_plugin.failure_report import add_sections, sections_of
from emu.pytest_plugin.settings import Settings, add_options, check_marker, check_options

if TYPE_CHECKING:
    from emu.network import Network

NETWORK = "dut_network"
_DEVICES = pytest.StashKey[list[Dut]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options, on the command line and in the ini file."""
    group = parser.getgroup("w800emu")
    add_options(group, parser)
    group.addoption(recordings.OPTION, metavar="DIR", help=recordings.HELP)
    debugging.add_option(group)
    seeds.add_option(group)
    measuring.add_option(group)
    parser.addini(recordings.INI, recordings.HELP, default=None)
    coverage.add_options(group, parser)
    group.addoption("--sdk", metavar="DIR", help="the WM IoT SDK for the fixture sdk; else WM_IOT_SDK_PATH")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and refuse wrong options before any test."""
    config.addinivalue_line(
        "markers",
        "w800(firmware=None, *, allow_crash=False, allow_reset=False, allow_flash_violation=False, "
        "run_on_s=0.1, **options): firmware of the fixture dut, what it may do, and options of Machine.load "
        "(see docs/testing.md)",
    )
    config.addinivalue_line("markers", power_cuts.HELP)
    check_options(config)
    coverage.configure(config)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse wrong markers before any test."""
    problems = {
        f"{node.nodeid}: {problem}": None
        for item in items
        for node, marker in item.iter_markers_with_node("w800")
        for problem in check_marker(item, node, marker)
    }
    problems |= {
        f"{item.nodeid}: {problem}": None for item in items for problem in power_cuts.check_power_cuts(item)
    }
    if problems:
        raise pytest.UsageError("\n".join(problems))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat tests with other random numbers, if asked for."""
    seeds.repeat(metafunc)


@pytest.fixture
def w800_seed(request: pytest.FixtureRequest) -> int:
    """The seed of the chip's random numbers that a test is repeated with."""
    return int(request.param)


@pytest.fixture
def dut(request: pytest.FixtureRequest) -> Generator[Dut]:
    """A device that has just been powered on."""
    yield from _device(request)


@pytest.fixture
def booted_dut(request: pytest.FixtureRequest) -> Generator[Dut]:
    """A device of the test's own that has booted: all tests together pay for that once."""
    yield from _device(request, is_booted=True)


@pytest.fixture(scope="module")
def module_dut(request: pytest.FixtureRequest) -> Generator[Dut]:
    """One device for all tests of a module: each goes on where the one before has left it."""
    yield from _device(request)


@pytest.fixture
def dut_flash(request: pytest.FixtureRequest) -> DutFlash:
    """The flash of the test's device, by partition: contents, and what was done to them since."""
    names = [name for name in ("booted_dut", "module_dut") if name in request.fixturenames]
    device: Dut = request.getfixturevalue(names[0] if names else "dut")
    return DutFlash(device.machine)


@pytest.fixture
def dut_network() -> Network:
    """The network around the devices of a test that asks for it: an access point, `w800emu` with `password`.

    Whoever wants another one has a fixture of this name.
    """
    from emu.network import AccessPoint, Network

    return Network(AccessPoint("w800emu", "password"))


def _device(request: pytest.FixtureRequest, *, is_booted: bool = False) -> Generator[Dut]:
    from emu import ExpectationError, LoadError, MachineError

    node: pytest.Item | pytest.Collector = request.node
    settings = Settings.of(node)
    if NETWORK in request.fixturenames:
        settings.options["network"] = request.getfixturevalue(NETWORK)
    device, problem = None, ""
    try:
        device = booted(node.config, settings) if is_booted else Dut(settings.load(node.config))
    except (LoadError, MachineError, ExpectationError) as error:
        problem = str(error)
    if device is not None and recordings.folder_of(node.config) is not None:
        device.machine.record()
    if device is None:  # not where the error was caught: its traceback would be shown
        pytest.fail(f"the device cannot be made: {problem}", pytrace=False)
    debugging.prepare(node.config, device)
    node.stash.setdefault(_DEVICES, []).append(device)
    machine, name = device.machine, node.nodeid
    with (
        machine,
        coverage.recorded(node.config, machine, name),
        measuring.measured(node.config, machine, name),
    ):
        yield device
        device.check(settings)


@pytest.fixture(scope="session")
def sdk(pytestconfig: pytest.Config) -> Path:
    """The WM IoT SDK that `--sdk` or the SDK's own variable names; skips the test without either."""
    folder = pytestconfig.getoption("--sdk") or os.environ.get("WM_IOT_SDK_PATH")
    if not folder:
        pytest.skip("needs the WM IoT SDK: --sdk DIR or WM_IOT_SDK_PATH")
    return Path(folder)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what was measured."""
    measuring.write(session.config)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let the firmware run on after the test, and fail the test for what it should not have done."""
    devices = _devices(item)
    try:
        result = yield
    except BaseException:
        for device in devices:
            device.forget()  # the test has failed already
        raise
    settings = Settings.of(item)
    for device in _devices(item):
        device.run_on(settings.run_on_s)
        device.check(settings)
    power_cuts.cut_power(item)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show beside the failure what is to be seen on the device."""
    report = yield
    if report.failed:
        folder = recordings.folder_of(item.config)
        for number, device in enumerate(_devices(item)):
            shown = list(sections_of(device))
            if folder is not None:
                left = recordings.leave_recording(folder, item.nodeid, number, device, shown)
                shown.append(("recording", left))
            add_sections(report, shown)
            debugging.debug(item, device)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, Any, Any]:
    """Let devices go when all has been told of the tests that they were made for: they are large."""
    result = yield
    following = nextitem.listchain() if nextitem else []
    for node in item.listchain():
        if node not in following and _DEVICES in node.stash:
            del node.stash[_DEVICES]
    return result


def _devices(item: pytest.Item) -> list[Dut]:
    """Those of the test, also where it has them by way of other fixtures."""
    names = getattr(item, "fixturenames", ())
    nodes = [node for node in item.listchain() if node is item or "module_dut" in names]
    return [device for node in nodes for device in node.stash.get(_DEVICES, [])]
