"""Short forward branches are masks in translated code, and nobody can tell."""

from __future__ import annotations

from random import Random

import pytest
from dbt.random_program import CONDITIONAL, INTERESTING, conditional_branch
from dbt.test_emitted_code import a64, translate
from support.guest import FLASH, SRAM, Guest, Program

from emu.dbt.mode import Mode
from emu.dbt.store_notes import StoreNotes
from emu.dbt.translation_options import TranslationOptions
from emu.dbt.translator import Translator
from emu.isa.assembler import assemble
from emu.isa.insn import Insn

BODIES = (
    [assemble("addi16", rz=1, oimm=1)],
    [assemble("mov16", rz=2, rx=3), assemble("subu16", rz=2, rx=1), assemble("xor16", rz=1, rx=2)],
    [assemble("mul_u32", rz=3, rx=1, ry=2), assemble("addu32", rz=30, rx=30, ry=29)],
    [assemble("mov16", rz=1, rx=2), assemble("mov16", rz=2, rx=3), assemble("mov16", rz=3, rx=1)],
    [assemble("mov16", rz=3, rx=1), assemble("movi16", rz=1, imm=5), assemble("mov16", rz=2, rx=1)],
    [assemble("mov16", rz=1, rx=2), assemble("addi16", rz=2, oimm=7), assemble("addu16", rz=2, rx=1)],
    [
        assemble("mul_u32", rz=2, rx=6, ry=7),
        assemble("mov16", rz=1, rx=2),
        assemble("mul_u32", rz=6, rx=2, ry=3),
    ],
    [
        assemble("mul_u32", rz=2, rx=6, ry=7),
        assemble("mov16", rz=1, rx=5),
        assemble("mul_u32", rz=28, rx=2, ry=3),
    ],
    [
        assemble("mul_u32", rz=24, rx=6, ry=7),
        assemble("addu32", rz=5, rx=24, ry=25),
        assemble("mul_u32", rz=26, rx=5, ry=24),
    ],
)
"""What is skipped: also reads what it has written, writes more registers than there is room for, and such as are
not at hand, and exchanges two."""
COSTS = ((1, 1), (3, 3), (2, 5))


@pytest.mark.parametrize("costs", COSTS, ids=str)
@pytest.mark.parametrize("row", CONDITIONAL, ids=lambda row: row.name)
def test_registers_and_counts_are_those_of_the_interpreter(row: Insn, costs: tuple[int, int]) -> None:
    rng = Random(row.name)
    for start in (FLASH, SRAM):
        guests = [Guest(kind, costs) for kind in ("interpreter", "translator")]
        for number, body in enumerate(BODIES):
            branch = conditional_branch(rng, row, row.size_bytes + sum(map(len, body)))
            at = start + 0x100 * number
            for guest in guests:
                guest.put(at, assemble("addi16", rz=5, oimm=2), branch, *body, assemble("br16", offset=0))
            for _ in range(8):
                registers, c = [rng.choice(INTERESTING) for _ in range(32)], rng.randrange(2)
                for guest in guests:
                    guest.state.r[:], guest.state.c, guest.state.pc = registers, c, at
                    guest.run(20)
                by_hand, translated = guests
                assert translated.state == by_hand.state
                assert translated.engine.executed == by_hand.engine.executed
                assert translated.engine.elapsed == by_hand.engine.elapsed


@pytest.mark.parametrize("base", [FLASH, SRAM])
def test_literals_are_as_known_as_other_constants(base: int) -> None:
    for c in (0, 1):
        guest = Guest()
        program = Program(guest, base)
        program("bt16", offset=6)
        program("lrw32", rz=1, offset=12)
        program("br16", offset=0)
        guest.put(base + 12, (0x1234_5678).to_bytes(4, "little"))
        guest.state.pc, guest.state.c = base, c
        assert base + 2 not in translate(guest, base).entries
        guest.run(10)
        assert guest.state.r[1] == (0x1234_5678, 0)[c]


def test_a_literal_that_may_change_is_read_behind_a_branch() -> None:
    guest = Guest()
    program = Program(guest)
    program("bt16", offset=6)
    program("lrw32", rz=1, offset=12)
    program("br16", offset=0)
    notes = StoreNotes()
    notes.variable.add(FLASH + 12)
    region = Translator(guest.bus.regions, stores=notes).translate(FLASH, Mode(True, False), frozenset())
    assert region is not None
    assert FLASH + 2 in region.entries


def skipping(guest: Guest) -> None:
    program = Program(guest)
    program("bt16", offset=4)
    program("xor16", rz=0, rx=1)
    program("br16", offset=0)


def test_a_mask_takes_the_place_of_the_branch() -> None:
    guest = Guest()
    skipping(guest)
    assert a64(translate(guest).words)[:8] == [
        "sub x30, x30, #1",
        "sub x27, x29, #1",
        "asr x27, x27, #0x3f",
        "add x30, x30, x27",
        "eor w26, w0, w1",
        "eor w16, w26, w0",
        "and w17, w16, w27",
        "eor w0, w0, w17",
    ]


@pytest.mark.parametrize(
    ("options", "breakpoints"),
    [
        (TranslationOptions(notes_flow=True), frozenset()),
        (TranslationOptions(tells_code=True), frozenset()),
        (TranslationOptions(), frozenset({FLASH + 2})),
    ],
    ids=["flow", "coverage", "breakpoint"],
)
def test_it_is_a_branch_where_somebody_asks_what_is_executed(
    options: TranslationOptions, breakpoints: frozenset[int]
) -> None:
    guest = Guest()
    skipping(guest)
    region = Translator(guest.bus.regions, options).translate(FLASH, Mode(True, False), breakpoints)
    assert region is not None
    assert FLASH + 2 in region.entries
