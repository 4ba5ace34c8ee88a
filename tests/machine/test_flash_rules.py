"""What firmware should not do to a flash is told: rule, place in the flash, place in the code."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from emu.machine import Machine
from emu.options import EngineName, MachineOptions
from emu.report.flash_violation import FlashRule, FlashViolation

PROGRAM = Path(__file__).resolve().parent.parent / "regress" / "programs" / "flash_rules.elf"


def broken_by(
    rules: Literal["off", "usual", "all"], engine: EngineName = "translator"
) -> list[FlashViolation]:
    options = MachineOptions(flash_rules=rules, engine=engine, cache=False)
    with Machine.load(PROGRAM, **options) as machine:
        machine.run_until_address("finished", 5)
        assert machine.describe(machine.registers["pc"]) == "finished"
        return list(machine.flash_violations)


@pytest.fixture(scope="module")
def broken() -> list[FlashViolation]:
    return broken_by("all")


WHO = {
    FlashRule.BITS_STAY_0: "bits_stay_0",
    FlashRule.NOT_ERASED: "not_erased",
    FlashRule.RUNNING_IMAGE: "running_image",
    FlashRule.OUTSIDE_PARTITION: "outside_partition",
    FlashRule.WEAR: "wear",
    FlashRule.READ_WHILE_ERASED: "read_while_erased",
}


def functions_of(violation: FlashViolation) -> list[str]:
    names = [violation.location, *(frame.name for frame in violation.callers)]
    return [name.partition("+")[0] for name in names]


def test_each_rule_is_broken_by_the_function_of_its_name_and_by_no_other(
    broken: list[FlashViolation],
) -> None:
    assert [one.rule for one in broken] == [
        *list(FlashRule)[:4],
        FlashRule.OUTSIDE_PARTITION,
        *list(FlashRule)[4:],
    ]
    for violation in broken:
        culprits = {*WHO.values(), "foreign_partition"} & set(functions_of(violation))
        expected = "foreign_partition" if violation.partition == "partition_table" else WHO[violation.rule]
        assert culprits == {expected}


def test_what_is_told(broken: list[FlashViolation]) -> None:
    details = {one.rule: (one.partition, one.offset, one.detail) for one in reversed(broken)}
    program = "program of 256 bytes, the image is at 0xf400 to "
    assert details[FlashRule.BITS_STAY_0] == (
        "user",
        0x1E_0000,
        "1 byte comes out wrong, the first 0x78 instead of 0x7a, as 0x78 was there",
    )
    assert details[FlashRule.NOT_ERASED] == ("user", 0x1E_0004, "1 byte of 4")
    assert details[FlashRule.RUNNING_IMAGE][2].startswith(program)
    assert details[FlashRule.OUTSIDE_PARTITION] == ("", 0x1E_2000, "program in no partition")
    assert details[FlashRule.WEAR][2].startswith(
        "erased 100 times in 0.8 s: at this rate it lasts another 0.2 hours"
    )
    assert details[FlashRule.READ_WHILE_ERASED][:2] == ("user", 0x1E_0008)


def test_the_line_names_driver_and_caller(broken: list[FlashViolation]) -> None:
    text = str(broken[0])
    assert text.startswith("flash 0x1e0000 in partition user: programming cannot set bits: 1 byte comes out")
    assert "flash_command.c:" in text
    assert "called from flash_program+" in text
    assert " < bits_stay_0+" in text
    assert broken[0].to_dict()["rule"] == "BITS_STAY_0"


def test_clearing_more_bits_is_usual() -> None:
    assert {one.rule for one in broken_by("usual")} == set(FlashRule) - {FlashRule.NOT_ERASED}


def test_nothing_is_checked_unless_asked_for() -> None:
    assert broken_by("off") == []


def test_both_engines_find_the_same(broken: list[FlashViolation]) -> None:
    assert [one.to_dict() for one in broken_by("all", "interpreter")] == [one.to_dict() for one in broken]


def test_the_story_of_the_demo_keeps_all_usual_rules_and_is_the_same() -> None:
    states = []
    for options in (MachineOptions(cache=False), MachineOptions(cache=False, flash_rules="usual")):
        with Machine.load(**options) as machine:
            machine.uart0.expect(r"atcmd init finished\.\r\n")
            assert list(machine.flash_violations) == []
            states.append(machine.snapshot().state_hash())
    assert states[0] == states[1]
