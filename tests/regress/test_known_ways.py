"""What runs leave to others."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from emu.machine import Machine
from emu.machine.flash_use import FlashUse
from emu.regress.powercut.cut import Cut
from emu.regress.powercut.device import Device, ScenarioError
from emu.regress.powercut.options import CutOptions
from emu.regress.powercut.outcome import Outcome, Verdict
from emu.regress.scenario import Scenario
from peripherals.nor_flash import SECTOR_SIZE

INSTALLER = Path(__file__).resolve().parent / "programs" / "installer.elf"
SECTORS = 12
STAGED = 0x1_0000


def story(machine: Machine) -> None:
    ota = next(each for each in FlashUse(machine.board).partitions if each.name == "app_ota")
    for number, place in enumerate((ota.offset, ota.offset + STAGED)):
        machine.flash.load(place, Random(number).randbytes(SECTORS * SECTOR_SIZE))
    check(machine)


def check(machine: Machine) -> None:
    machine.uart0.expect(r"installed: (\w+)\r")


def test_a_run_that_fails_leaves_nothing_to_others() -> None:
    errors: list[Exception] = []

    def failing(machine: Machine) -> None:
        check(machine)
        if errors:
            raise errors.pop()

    device = Device(Scenario("slip", INSTALLER, {}, story, failing), CutOptions())
    first, other = (device.left(Cut.parse(cut)) for cut in ("170-before", "1-before"))
    errors += [AssertionError("broken"), KeyError("a slip")]
    with pytest.raises(ScenarioError, match="slip: check: KeyError"):
        device.outcome_of(first)
    assert device.outcome_of(other).verdict is Verdict.BROKEN
    assert device.outcome_of(first) == Outcome(Verdict.GOOD)
    device.close()
