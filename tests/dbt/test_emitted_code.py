"""What the emitter makes of typical instructions and blocks, as A64 text.

These pin the properties the design lives on: no NZCV, one host word for most guest instructions, a loop
whose budget check is part of its own branch.
"""

from __future__ import annotations

from array import array

import pytest
from capstone import CS_ARCH_ARM64, CS_MODE_ARM, Cs
from support.guest import FLASH, SRAM, Guest, Program

from emu.dbt.mode import Mode
from emu.dbt.region import Region
from emu.dbt.store_notes import StoreNotes
from emu.dbt.translation_options import TranslationOptions
from emu.dbt.translator import Translator


def a64(words: array[int]) -> list[str]:
    disassembler = Cs(CS_ARCH_ARM64, CS_MODE_ARM)
    return [f"{i.mnemonic} {i.op_str}".rstrip() for i in disassembler.disasm(words.tobytes(), 0)]


def translate(guest: Guest, entry: int = FLASH) -> Region:
    region = Translator(guest.bus.regions).translate(entry, Mode(True, False), frozenset())
    assert region is not None
    return region


def emitted(*instructions: tuple[str, dict[str, int]]) -> list[str]:
    """The host code of straight guest code, without what pays for the block and the one behind it."""
    guest = Guest()
    program = Program(guest)
    for name, operands in instructions:
        program(name, **operands)
    program("br16", offset=0)
    region = translate(guest)
    first, last = region.positions[0], region.positions[len(instructions)]
    return a64(region.words[first : last - 1])


@pytest.mark.parametrize(
    ("name", "operands", "expected"),
    [
        ("addu16", {"rz": 1, "rx": 2}, ["add w1, w1, w2"]),
        ("andn16", {"rz": 1, "rx": 2}, ["bic w1, w1, w2"]),
        ("mov16", {"rz": 1, "rx": 2}, ["mov w1, w2"]),
        ("addi32", {"rz": 1, "rx": 2, "oimm": 1}, ["add w1, w2, #1"]),
        ("ld.w", {"rz": 1, "rx": 2, "offset": 8}, ["ldr w1, [x2, #8]"]),
        ("st.b", {"rz": 1, "rx": 2, "offset": 3}, ["strb w1, [x2, #3]"]),
        ("ldr_w32", {"rz": 1, "rx": 2, "ry": 3, "shift": 2}, ["add w16, w2, w3, lsl #2", "ldr w1, [x16]"]),
        ("mult16", {"rz": 1, "rx": 2}, ["mul w1, w1, w2"]),
        ("cmphs16", {"rx": 1, "ry": 2}, ["sub x29, x1, x2"]),
        ("cmpnei16", {"rx": 1, "imm": 3}, ["sub w29, w1, #3"]),
        ("cmplt16", {"rx": 1, "ry": 2}, ["sxtw x16, w1", "sub x29, x16, w2, sxtw"]),
        ("ff1", {"rz": 1, "rx": 2}, ["clz w1, w2"]),
        ("revb16", {"rz": 1, "rx": 2}, ["rev w1, w2"]),
        (
            "fadds",
            {"frz": 1, "frx": 2, "fry": 3},
            ["mov v22.s[2], v2.s[0]", "mov v22.s[3], v3.s[0]", "mov v22.s[1], wzr", "fadd s1, s2, s3"],
        ),
        (
            "fsqrts",
            {"frz": 1, "frx": 2},
            [
                "mov v22.s[2], v2.s[0]",
                "mov w16, #0x340",
                "mov v22.s[1], w16",
                "fsqrt s1, s2",
            ],
        ),
        ("fmfvrl", {"rz": 1, "frx": 2}, ["fmov w1, s2"]),
    ],
)
def test_one_guest_instruction(name: str, operands: dict[str, int], expected: list[str]) -> None:
    assert emitted((name, operands))[: len(expected)] == expected


def test_a_result_that_was_tested_for_a_nan_and_its_operands_are_numbers_until_they_are_written() -> None:
    add = ("fadds", {"frz": 1, "frx": 2, "fry": 3})
    products = [("fmuls", {"frz": 6, "frx": number, "fry": 5}) for number in (1, 2, 3)]
    write = ("fmtvrl", {"frz": 1, "rx": 1})

    def tests(*instructions: tuple[str, dict[str, int]]) -> int:
        return sum(line.startswith("tbnz") for line in emitted(*instructions))

    assert tests(add, *products) == 1
    assert tests(write, add, write, products[0]) == 2  # the second `write` is a template
    assert tests(("fmacs", {"frz": 1, "frx": 2, "fry": 2}), ("fmuls", {"frz": 1, "frx": 1, "fry": 5})) == 1


def test_a_flash_literal_is_folded() -> None:
    guest = Guest()
    program = Program(guest)
    program("lrw16", rz=1, offset=4)
    program("br16", offset=0)
    guest.put(FLASH + 4, (0xFFFF_0000).to_bytes(4, "little"))
    region = translate(guest)
    assert a64(region.words)[1] == "mov w1, #-0x10000"
    assert region.guest_ranges == [(FLASH, FLASH + 8)]


def test_a_loop_checks_the_budget_in_its_own_branch() -> None:
    guest = Guest()
    program = Program(guest)
    loop = program("addi16", rz=1, oimm=1)
    program("cmpne16", rx=1, ry=2)
    program("bt16", offset=program.to(loop))
    program("br16", offset=0)
    assert a64(translate(guest).words)[:6] == [
        "sub x30, x30, #3",
        "add w1, w1, #1",
        "eor w29, w1, w2",
        "bic x26, x29, x30, asr #63",
        "cbnz x26, #0",
        "cbnz w29, #0x2c",
    ]


def test_branches_leave_c_as_their_target_wants_it() -> None:
    """Of two that go back to the same place, the second one follows the first."""
    guest = Guest()
    program = Program(guest)
    loop = program("cmpnei16", rx=1, imm=3)
    program("bt16", offset=program.to(loop))
    program("cmplt16", rx=1, ry=2)
    program("bt16", offset=program.to(loop))
    program("br16", offset=0)
    assert a64(translate(guest).words)[5:11] == [
        "sub x30, x30, #2",
        "sxtw x16, w1",
        "sub x29, x16, w2, sxtw",
        "lsr x29, x29, #0x3f",
        "bic x26, x29, x30, asr #63",
        "cbnz x26, #0",
    ]


def test_a_branch_out_of_the_region_is_linked_itself() -> None:
    guest = Guest()
    program = Program(guest)
    program("bez32", rx=1, offset=0x4000)
    program("rts16")
    region = Translator(guest.bus.regions, TranslationOptions(most_instructions=2)).translate(
        FLASH, Mode(True, False), frozenset()
    )
    assert region is not None
    assert (region.positions[0], FLASH + 0x4000) in region.links


def test_flags_are_never_used() -> None:
    guest = Guest()
    program = Program(guest)
    for name in ("cmphs16", "cmplt16", "cmpne16", "tst16"):
        program(name, rx=1, ry=2)
        program("mvcv16", rz=3)
        program("incf", rz=4, rx=5, imm=3)
        program("addc16", rz=6, rx=7)
    program("br16", offset=0)
    flag_users = ("adds", "subs", "ands", "cmp", "cmn", "tst", "csel", "cset", "csinc", "adc", "ccmp")
    assert not [line for line in a64(translate(guest).words) if line.split()[0] in flag_users]


def test_code_in_ram_is_as_in_flash() -> None:
    guest = Guest()
    for start in (FLASH, SRAM):
        program = Program(guest, start)
        program("lrw16", rz=1, offset=8)
        program("st.w", rz=1, rx=2, offset=0)
        program("addi16", rz=1, oimm=1)
        program("br16", offset=0)
    in_flash, in_ram = (translate(guest, start) for start in (FLASH, SRAM))
    assert a64(in_ram.words)[:-4] == a64(in_flash.words)[:-4]  # the ways out lead to other addresses


@pytest.mark.parametrize(
    ("offset", "look"),
    [
        (12, ["ldrsb x27, [x27, #0xc]"]),
        (0x3FFC, ["add x27, x27, #0xffc", "add x27, x27, #3, lsl #12", "ldrsb x27, [x27]"]),
    ],
)
def test_a_guarded_store_looks_where_it_goes_to(offset: int, look: list[str]) -> None:
    guest = Guest()
    program = Program(guest)
    program("st.w", rz=1, rx=2, offset=offset)
    program("br16", offset=0)
    translator = Translator(guest.bus.regions, stores=StoreNotes(guarded={FLASH}))
    region = translator.translate(FLASH, Mode(True, False), frozenset())
    assert region is not None
    assert a64(region.words[region.positions[0] : region.positions[1] - 1]) == [
        "add x27, x2, x28, lsl #2",
        *look,
        "and x27, x27, #0xffff80000",
        "add x27, x27, x2",
        f"str w1, [x27{f', #{offset:#x}'}]",
    ]
