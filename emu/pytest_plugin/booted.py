"""Devices that have booted already: once for all tests that have the same firmware and options."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from emu.pytest_plugin.dut import Dut
from emu.pytest_plugin.settings import Settings

if TYPE_CHECKING:
    from emu.history.snapshot import Snapshot

TIMEOUT_S = 60.0
_Known = dict[str, tuple["Snapshot", str]]
_SNAPSHOTS = pytest.StashKey[_Known]()


def booted(config: pytest.Config, settings: Settings) -> Dut:
    """A device of its own, as it was when the text `booted` of the settings had come on UART 0.

    Each process of pytest-xdist boots one by itself. MachineError where nobody has said that text.
    """
    from emu import MachineError

    if not settings.booted:
        raise MachineError(
            "booted_dut: say w800(booted=TEXT), --w800-booted or w800_booted: what is sent then"
        )
    known: _Known = config.stash.setdefault(_SNAPSHOTS, {})
    key = f"{settings.firmware} {settings.booted} {sorted(settings.options.items())}"
    device = Dut(settings.load())
    if key not in known:
        device.machine.uart0.expect(settings.booted, TIMEOUT_S)
        known[key] = device.machine.snapshot(), settings.booted
    else:
        device.machine.restore(known[key][0])
    return device
