"""Devices that have booted already: once for all tests that have the same firmware and options."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from emu.pytest_plugin import coverage
from emu.pytest_plugin.dut import Dut
from emu.pytest_plugin.settings import Settings

if TYPE_CHECKING:
    from emu.history.snapshot import Snapshot

TIMEOUT_S = 60.0
_Known = dict[str, "Snapshot"]
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
    key = _key(settings)
    device = Dut(settings.load(config))
    machine = device.machine
    if key not in known:
        with coverage.recorded(config, machine, f"booted: {settings.booted}"):
            machine.uart0.expect(settings.booted, TIMEOUT_S)
        known[key] = machine.snapshot()
    else:
        machine.restore(known[key])
    device.has_booted()
    return device


def _key(settings: Settings) -> str:
    """The same for devices that are made alike."""
    network = settings.options.get("network")
    options = {**settings.options, "network": network and network.plain()}
    return f"{settings.firmware} {settings.booted} {sorted(options.items())}"
