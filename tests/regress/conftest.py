"""The built-in update, cut everywhere: made once for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emu.regress.powercut.device import Device
from emu.regress.powercut.options import CutOptions, SweepOptions
from emu.regress.powercut.report import SweepReport
from emu.regress.powercut.results import Nothing
from emu.regress.powercut.sweep import Sweep
from emu.regress.scenario import load_scenario

FEW = CutOptions(models=frozenset())


@pytest.fixture(scope="session")
def device() -> Iterator[Device]:
    made = Device(load_scenario(None), CutOptions(models=frozenset({"bits"})))
    yield made
    made.close()


@pytest.fixture(scope="session")
def few() -> Iterator[Device]:
    """A device of whose cuts none is amid an operation."""
    made = Device(load_scenario(None), FEW)
    yield made
    made.close()


@pytest.fixture(scope="session")
def report(device: Device) -> SweepReport:
    return Sweep(device, SweepOptions()).run(Nothing())
