"""Floating point on both engines: every kind of operand, and FESR wherever somebody can look at it."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest
from dbt.random_program import DENORMALS, FLOAT, NANS, NUMBERS
from support.guest import FLASH, SRAM, Guest, Program

from emu.engine.contract import StopReason
from emu.isa.insn import Insn
from emu.isa.ops import Vector
from emu.isa.state import Control

ONE, THREE, TENTH = 0x3F80_0000, 0x4040_0000, 0x3DCC_CCCD
QUIET_NAN, SIGNALLING_NAN, DENORMAL, INFINITY = 0x7FC0_1234, 0x7F80_5678, 1, 0x7F80_0000
ROUNDED = (0x3F00_0000, 0x4EFF_FFFF, 0x4F00_0000, 0xCF00_0001, 0x4F7F_FFFF, 0x4F80_0000)
SPECIAL = (*NUMBERS, *DENORMALS, *NANS, *ROUNDED)
NOWHERE = 0x6000_0000

both = pytest.mark.parametrize("engine", ["interpreter", "translator"])


def fesr(guest: Guest) -> int:
    """What there is to see of FESR; none is left for the next one."""
    return guest.state.control.pop(Control.FESR, 0)


@pytest.mark.parametrize("row", FLOAT, ids=lambda row: row.mnemonic)
def test_the_engines_agree_on_every_pair_of_special_operands(row: Insn) -> None:
    guests = [Guest(kind) for kind in ("interpreter", "translator")]
    registers = {"frz": 2, "frx": 0, "fry": 1}
    names = {operand.name for operand in row.operands}
    for guest in guests:
        program = Program(guest)
        program(row.name, **{name: register for name, register in registers.items() if name in names})
        program("br16", offset=0)
    rng = Random(row.match)
    for x, y in product(SPECIAL, SPECIAL if "fry" in names else (0,)):
        results = []
        z = rng.choice(SPECIAL)
        for guest in guests:
            guest.state.pc, guest.state.c, guest.state.fr[:3] = FLASH, 0, [x, y, z]
            guest.run(1)
            results.append(([hex(number) for number in guest.state.fr[:3]], guest.state.c, hex(fesr(guest))))
        assert results[0] == results[1], f"{x:#x}, {y:#x}, {z:#x}"


@both
@pytest.mark.parametrize(
    ("last", "status"),
    [
        ([("fadds", {"frz": 5, "frx": 0, "fry": 0})], 0xB200),  # exact: only what came before
        ([("fdivs", {"frz": 1, "frx": 0, "fry": 1})], 0xB290),  # into its own operand
        ([("fmacs", {"frz": 2, "frx": 2, "fry": 2})], 0xB290),  # the sum is not exact
        ([("frecips", {"frz": 6, "frx": 6})], 0xB282),
        ([("fmuls", {"frz": 7, "frx": 0, "fry": 7})], 0xB2A0),
        ([("fcmplts", {"frx": 3, "fry": 0})], 0xB381),
        ([("fdivs", {"frz": 4, "frx": 0, "fry": 1}), ("fmovs", {"frz": 1, "frx": 0})], 0xB290),
    ],
)
@pytest.mark.parametrize("across", [False, True])
def test_fesr_is_right_at_a_fault_behind_arithmetic(
    engine: str, last: list[tuple[str, dict[str, int]]], status: int, *, across: bool
) -> None:
    """Also in the next block, and where the operands have been overwritten since."""
    guest = Guest(engine)
    program = Program(guest)
    program("fdivs", frz=8, frx=0, fry=1)
    program("fdivs", frz=8, frx=0, fry=6)
    program("fadds", frz=8, frx=7, fry=0)
    for name, operands in last:
        program(name, **operands)
    program("fldms", registers=3 << 4, rx=1)
    if across:
        program("br16", offset=4)
        program("bkpt")
    at = program("ld.w", rz=2, rx=3, offset=0)
    guest.state.r[1], guest.state.r[3] = SRAM, NOWHERE
    guest.state.fr[:8] = [ONE, THREE, TENTH, QUIET_NAN, 0, 0, 0, DENORMAL]
    stop = guest.run(100)
    assert (stop.reason, stop.vector, guest.state.pc) == (StopReason.EXCEPTION, Vector.ACCESS_ERROR, at)
    assert fesr(guest) == status


@both
def test_fesr_adds_up_over_many_stays_until_it_is_written(engine: str) -> None:
    guest = Guest(engine)
    program = Program(guest)
    loop = program("fadds", frz=2, frx=0, fry=1)
    program("fmuls", frz=3, frx=4, fry=0)
    program("br16", offset=program.to(loop))
    guest.state.fr[:5] = [ONE, TENTH, 0, 0, DENORMAL]
    for _ in range(3):
        guest.run(10)
        assert guest.state.control[Control.FESR] == 0xB0A0
        guest.state.control[Control.FESR] = 0
    guest.state.fr[4] = ONE
    guest.run(10)
    assert guest.state.control[Control.FESR] == 0x9000


def test_a_nan_alone_is_translated_where_it_meets_no_other() -> None:
    guest = Guest()
    program = Program(guest)
    program("fsqrts", frz=1, frx=0)
    program("frecips", frz=1, frx=0)
    program("fmuls", frz=1, frx=0, fry=0)
    program("fcmpuos", frx=0, fry=1)
    program("fcmpzhss", frx=0)
    program("br16", offset=0)
    guest.state.fr[0] = QUIET_NAN
    guest.run(5)
    assert guest.state.fr[1] == QUIET_NAN
    assert guest.engine.statistics.interpreted == 0  # type: ignore[attr-defined]


def test_an_infinity_is_translated_and_a_nan_of_two_unknowns_is_interpreted() -> None:
    guest = Guest()
    program = Program(guest)
    program("fadds", frz=1, frx=0, fry=2)
    program("fadds", frz=1, frx=2, fry=2)
    program("br16", offset=0)
    guest.state.fr[0], guest.state.fr[2] = QUIET_NAN, INFINITY
    guest.run(2)
    assert guest.state.fr[1] == INFINITY
    assert guest.engine.statistics.interpreted == 1  # type: ignore[attr-defined]
