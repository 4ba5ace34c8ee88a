"""Runs that leave out what another one has done alike end as if they had done it, to the last bit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from support.leaping import end_of, leaping

from emu.machine import Machine
from emu.machine.flash_use import FlashUse
from emu.regress.powercut.cut import Cut
from emu.regress.powercut.device import Device, ScenarioError
from emu.regress.powercut.known_ways import LATER, SHORTEST
from emu.regress.powercut.options import CutOptions
from emu.regress.powercut.outcome import Outcome, Verdict
from emu.regress.scenario import Scenario
from peripherals.nor_flash import SECTOR_SIZE

INSTALLER = Path(__file__).resolve().parent / "programs" / "installer.elf"
SECTORS = 12
STAGED = 0x1_0000
RECORDED = "102-after"  # six sectors are installed, their ends are as they were
SHORTENED = (
    "1-amid-zeros",
    "40-amid-prefix",
    "102-before",
    "103-amid-bits",
    "120-amid-unstable",
    "171-amid-zeros",
)


def story(machine: Machine) -> None:
    ota = next(each for each in FlashUse(machine.board).partitions if each.name == "app_ota")
    for number, place in enumerate((ota.offset, ota.offset + STAGED)):
        machine.flash.load(place, Random(number).randbytes(SECTORS * SECTOR_SIZE))
    check(machine)


def check(machine: Machine) -> None:
    machine.uart0.expect(r"installed: (\w+)\r")


SCENARIO = Scenario("installer", INSTALLER, {}, story, check)


@pytest.fixture(scope="module")
def alone() -> Iterator[Device]:
    """A device that does everything itself."""
    made = Device(SCENARIO, CutOptions(merge=False))
    yield made
    made.close()


def test_shortened_runs_end_the_same_to_the_last_bit(alone: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emu.regress.powercut.known_ways.CHECKPOINT_EVERY", 8)
    expected = {cut: end_of(alone, cut) for cut in (RECORDED, *SHORTENED)}
    assert len({end.pages for end in expected.values()}) > 4  # the ends of sectors are kept
    ways = leaping(alone)
    assert end_of(alone, RECORDED, ways) == expected[RECORDED]
    assert not ways.has_leapt
    for cut in SHORTENED:
        assert end_of(alone, cut, ways) == expected[cut]
        assert ways.has_leapt, cut


def test_outcomes_tell_that_a_run_was_shortened(alone: Device) -> None:
    merging = Device(SCENARIO, CutOptions())
    assert merging._known is not None
    merging._known._ways._commands = LATER * SHORTEST
    recorded = merging.outcome_of(merging.left(Cut.parse("170-before")))
    assert recorded == Outcome(Verdict.GOOD)
    for cut in ("170-amid-prefix", "171-amid-unstable", "171-after"):
        outcome = merging.outcome_of(merging.left(Cut.parse(cut)))
        assert (outcome.verdict, outcome.shortened) == (
            alone.outcome_of(alone.left(Cut.parse(cut))).verdict,
            True,
        )
    merging.close()


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
