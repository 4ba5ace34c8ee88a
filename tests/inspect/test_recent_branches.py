"""The branches before a crash."""

from __future__ import annotations

from pathlib import Path

import pytest
from cpu.program import code, op
from machine.device import HANDLER, machine_of

from emu.engine.flow import AT, CUT, FALLS
from emu.inspect.program_view import ProgramView
from emu.inspect.recent_branches import BRANCHES_SHOWN, recent_branches
from emu.machine import Machine
from emu.memory_map import FLASH_BASE
from emu.options import EngineName
from emu.report.calls import TakenBranch

PROGRAMS = Path(__file__).parents[1] / "firmware" / "programs"
ENGINES: tuple[EngineName, ...] = ("translator", "interpreter")

MAIN, LOOP, SKIPPED, CALL, FUNCTION = (FLASH_BASE + at for at in (0, 4, 8, 12, 0x20))
PROGRAM = code(
    op("movi", rz=1, imm=3),
    op("movi", rz=2, imm=0),
    op("bnezad", rx=1, offset=0),  # LOOP: twice to itself
    op("br", offset=4),  # SKIPPED to CALL
    op("movi", rz=3, imm=0),
    op("bsr", offset=FUNCTION - CALL),
)


def view_of(program: bytes) -> ProgramView:
    return machine_of(program)._views.now()


def branches(entries: list[int], pc: int) -> list[tuple[int, int, bool, int]]:
    found = recent_branches(view_of(PROGRAM), entries, pc)
    return [(branch.source, branch.target, branch.is_exception, branch.times) for branch in found]


def test_straight_code_is_no_branch() -> None:
    assert branches([MAIN], SKIPPED) == [], "the condition was false"
    assert branches([MAIN | FALLS, LOOP], SKIPPED) == [], "a block may end anywhere"
    assert branches([], MAIN) == []


def test_each_branch_has_source_and_target() -> None:
    entries = [MAIN, LOOP, LOOP, SKIPPED, CALL]
    assert branches(entries, FUNCTION) == [
        (LOOP, LOOP, False, 2),
        (SKIPPED, CALL, False, 1),
        (CALL, FUNCTION, False, 1),
    ]


def test_a_block_that_was_left_has_not_branched() -> None:
    left = MAIN + 2 | CUT
    assert branches([MAIN, left], MAIN + 2) == []
    assert branches([MAIN, left, MAIN + 2 | FALLS, LOOP], SKIPPED) == []


def test_an_exception_is_told_from_a_branch() -> None:
    assert branches([MAIN, SKIPPED | AT], HANDLER) == [(SKIPPED, HANDLER, True, 1)]
    assert branches([SKIPPED, CALL | AT, HANDLER | FALLS], HANDLER + 2) == [
        (SKIPPED, CALL, False, 1),
        (CALL, HANDLER, True, 1),
    ]


def test_a_loop_does_not_hide_what_led_to_it() -> None:
    entries = [SKIPPED, CALL, *[FUNCTION, MAIN] * 3]
    assert branches(entries, SKIPPED) == [
        (SKIPPED, CALL, False, 1),
        (CALL, FUNCTION, False, 1),
        (LOOP, FUNCTION, False, 2),
        (FUNCTION, MAIN, False, 3),
    ]


def test_a_branch_reads_well() -> None:
    branch = TakenBranch(LOOP, HANDLER, True, 3, "0x08000004 main+0x4", "handler")
    assert str(branch) == "  0x08000004 main+0x4 => exception handler (3 times)"
    (call,) = recent_branches(view_of(PROGRAM), [CALL], FUNCTION)
    assert str(call) == "  0x0800000c main+0xc -> main+0x20"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_crash_tells_the_branches_before_it(engine: EngineName) -> None:
    with Machine.load(PROGRAMS / "tasks.elf", cache=False, engine=engine, recent_branches=True) as machine:
        crash = machine.run().crash
    assert crash is not None
    assert len(crash.branches) == BRANCHES_SHOWN
    assert crash.branches[-1].target == machine.address_of("fail")
    assert crash.branches[-1].source_place.partition("+")[0].endswith(" worker")
    assert f"last 16 different branches, the latest last:\n{crash.branches[0]}\n" in crash.details
    assert f"{crash.branches[-1]}\ntasks (" in crash.details


def test_without_the_option_there_are_none() -> None:
    with Machine.load(PROGRAMS / "tasks.elf", cache=False) as machine:
        crash = machine.run().crash
    assert crash is not None
    assert crash.branches == ()
    assert "branches" not in crash.details


@pytest.mark.parametrize("program", ["exceptions", "interrupts"])
def test_both_engines_tell_the_same(program: str) -> None:
    machines = [
        Machine.load(
            PROGRAMS / f"{program}.elf", cache=False, engine=engine, recent_branches=True, on_crash="continue"
        )
        for engine in ENGINES
    ]
    for machine in machines:
        machine.run_for(0.07)  # the boot code, which has no branches
    for _ in range(8):
        found = []
        for machine in machines:
            machine.run_for(0.0053)
            found.append(machine.recent_branches())
        assert found[0] == found[1]
    assert len(found[0]) == BRANCHES_SHOWN


def test_kept_translations_that_note_no_flow_are_not_used(tmp_path: Path) -> None:
    for is_wanted in (False, True):
        with Machine.load(PROGRAMS / "tasks.elf", cache=tmp_path, recent_branches=is_wanted) as machine:
            crash = machine.run().crash
        assert crash is not None
        assert bool(crash.branches) is is_wanted
