"""What a short block at the end of a forward branch does, it does behind the branch, too: as exactly."""

from __future__ import annotations

import pytest
from capstone import CS_ARCH_ARM64, CS_MODE_ARM, Cs
from support.guest import DEVICE, FLASH, SRAM, Guest, Program

from emu.dbt.mode import Mode
from emu.dbt.region import Region
from emu.dbt.translation_options import TranslationOptions
from emu.dbt.translator import Translator
from emu.engine.contract import Stop, StopReason
from emu.isa.ops import Vector

COUNT, VALUE, POINTER, OTHER = 1, 2, 3, 4
AS_USUAL = TranslationOptions()


def put_while_loop(guest: Guest, base: int = FLASH, *, longer: int = 0) -> int:
    """A loop that ends with its test and begins with a branch there; gives the address of the test."""
    program = Program(guest, base)
    branch = program("br16", offset=4)
    body = program("addi16", rz=COUNT, oimm=1)
    test = program("ld.w", rz=VALUE, rx=POINTER, offset=0)
    for _ in range(longer):
        program("addi16", rz=OTHER, oimm=1)
    program("cmplt16", rx=COUNT, ry=VALUE)
    program("bt16", offset=program.to(body))
    program("br16", offset=program.to(branch))
    return test


def translated(
    guest: Guest, options: TranslationOptions = AS_USUAL, breakpoints: frozenset[int] = frozenset()
) -> Region:
    region = Translator(guest.bus.regions, options).translate(FLASH, Mode(True, False), breakpoints)
    assert region is not None
    return region


def times(region: Region, pc: int) -> int:
    """How often an instruction is translated."""
    return list(region.pcs).count(pc)


def test_the_block_follows_without_a_branch_and_none_leads_behind_the_loop() -> None:
    guest = Guest()
    put_while_loop(guest)
    code = Cs(CS_ARCH_ARM64, CS_MODE_ARM).disasm(translated(guest).words.tobytes(), 0)
    assert [f"{i.mnemonic} {i.op_str}" for i in code][:10] == [
        "sub x30, x30, #1",
        "sub x30, x30, #3",
        "ldr w2, [x3]",
        "sxtw x16, w1",
        "sub x29, x16, w2, sxtw",
        "bic x26, x29, x30",
        "tbnz x26, #0x3f, #0x24",  # to the body
        "tbz x29, #0x3f, #0x48",  # behind the loop
        "b #0x74",  # the budget is used up
        "sub x30, x30, #1",
    ]


def test_long_blocks_and_those_with_breakpoints_are_not_copied() -> None:
    guest = Guest()
    test = put_while_loop(guest, longer=5)
    assert times(translated(guest), test) == 2
    assert times(translated(guest, breakpoints=frozenset({test})), test) == 0
    put_while_loop(guest, longer=6)
    assert times(translated(guest), test) == 1


@pytest.mark.parametrize(
    "options", [TranslationOptions(notes_flow=True), TranslationOptions(tells_code=True)], ids=str
)
def test_nothing_is_copied_where_somebody_asks_what_is_executed(options: TranslationOptions) -> None:
    guest = Guest()
    test = put_while_loop(guest)
    assert times(translated(guest, options), test) == 1


def test_a_region_stays_as_small_as_others() -> None:
    guest = Guest()
    program = Program(guest)
    for _ in range(60):
        program("bez32", rx=1, offset=6)
        program("br16", offset=2)
        program("addi16", rz=1, oimm=1)
        program("addi16", rz=2, oimm=1)
    program("br16", offset=0)
    assert len(translated(guest).pcs) <= 200


@pytest.mark.parametrize("base", [FLASH, SRAM])
def test_runs_end_where_the_interpreter_ends_them(base: int) -> None:
    seen: dict[str, list[tuple[int, ...]]] = {}
    for kind in ("translator", "interpreter"):
        guest = Guest(kind)
        guest.state.pc = base
        put_while_loop(guest, base)
        guest.state.r[POINTER] = SRAM + 0x100
        guest.put(SRAM + 0x100, (5).to_bytes(4, "little"))
        for budget in (*range(1, 30), *range(1, 30)):
            assert guest.run(budget) == Stop(StopReason.BUDGET)
            seen.setdefault(kind, []).append(
                (guest.state.pc, guest.state.c, guest.engine.executed, *guest.state.r)
            )
            if budget % 7 == 0:
                guest.state.r[COUNT] = 0
    assert seen["translator"] == seen["interpreter"]


@pytest.mark.parametrize("kind", ["translator", "interpreter"])
def test_count_and_pc_are_exact_in_a_copy(kind: str) -> None:
    guest = Guest(kind)
    test = put_while_loop(guest)
    guest.state.r[POINTER] = DEVICE
    seen: list[tuple[int, int]] = []

    def read(offset: int) -> int:
        seen.append((guest.engine.executed, guest.engine.current_pc))
        return 2

    guest.bus.on_read = read
    guest.run(12)
    assert seen[:3] == [(1, test), (5, test), (9, test)]


@pytest.mark.parametrize("kind", ["translator", "interpreter"])
def test_a_fault_in_a_copy_is_exact(kind: str) -> None:
    guest = Guest(kind)
    test = put_while_loop(guest)
    guest.state.r[POINTER] = 0x7000_0000
    stop = guest.run(100)
    assert stop == Stop(StopReason.EXCEPTION, vector=Vector.ACCESS_ERROR, address=0x7000_0000)
    assert (guest.state.pc, guest.engine.executed) == (test, 1)
