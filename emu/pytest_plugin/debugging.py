"""A failed test waits for gdb, which can go back through all of it."""

from __future__ import annotations

from typing import Any

import pytest

from emu.listening import GDB_PORT
from emu.pytest_plugin.dut import Dut

OPTION = "--gdb-on-failure"
HELP = f"let gdb attach to the device of a failed test, before the next test [port: {GDB_PORT}]"


def add_option(group: pytest.OptionGroup) -> None:
    """Declare the option."""
    group.addoption(OPTION, nargs="?", const=GDB_PORT, type=int, metavar="PORT", help=HELP)


def prepare(config: pytest.Config, device: Dut) -> None:
    """Keep the history of a device that may have to be looked at."""
    if config.getoption(OPTION) is not None:
        device.machine.keep_history()


def debug(item: pytest.Item, device: Dut) -> None:
    """Wait until the user has seen enough; what the terminal shows is not captured meanwhile."""
    port = item.config.getoption(OPTION)
    if port is None:
        return
    from emu.host.message import tell
    from emu.listening import PortError

    capture: Any = item.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        try:
            device.machine.gdb(port, lambda line: tell(f"{item.nodeid} has failed: {line}"))
        except PortError as error:
            tell(f"error: {error}")
