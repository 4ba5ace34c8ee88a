"""A divisor that the code before makes a number other than 0 is not tested."""

from __future__ import annotations

import pytest
from support.guest import FLASH, Guest, Program

from emu.dbt import a64
from emu.dbt.known_values import is_never_zero
from emu.dbt.mode import Mode
from emu.dbt.translator import Translator
from emu.engine.contract import Stop, StopReason
from emu.isa.ops import Vector

DIVISOR = 2
Instructions = list[tuple[str, dict[str, int]]]

NOT_ZERO: list[Instructions] = [
    [("movi16", {"rz": DIVISOR, "imm": 5})],
    [("movi32", {"rz": DIVISOR, "imm": 0xFFFF})],
    [("movih", {"rz": DIVISOR, "imm": 1})],
    [("movih", {"rz": DIVISOR, "imm": 2}), ("ori32", {"rz": DIVISOR, "rx": DIVISOR, "imm": 1})],
    [("movi16", {"rz": DIVISOR, "imm": 5}), ("addi16", {"rz": 3, "oimm": 1})],
    [("movi16", {"rz": DIVISOR, "imm": 5}), ("divu", {"rz": 3, "rx": 3, "ry": DIVISOR})],
]
PERHAPS_ZERO: list[Instructions] = [
    [],
    [("movi16", {"rz": DIVISOR, "imm": 0})],
    [("movih", {"rz": DIVISOR, "imm": 0})],
    [("movi16", {"rz": DIVISOR, "imm": 5}), ("subi16", {"rz": DIVISOR, "oimm": 5})],
    [("movi16", {"rz": DIVISOR, "imm": 5}), ("mov16", {"rz": DIVISOR, "rx": 4})],
    [("movi16", {"rz": DIVISOR, "imm": 5}), ("ld.w", {"rz": DIVISOR, "rx": 14, "offset": 0})],
    [("movi16", {"rz": DIVISOR, "imm": 5}), ("bt16", {"offset": 2})],
]


def divided(instructions: Instructions) -> Guest:
    """A guest with these instructions and a division behind them."""
    guest = Guest()
    guest.state.r[14] = FLASH + 0x1000
    program = Program(guest)
    for name, operands in instructions:
        program(name, **operands)
    program("divu", rz=1, rx=1, ry=DIVISOR)
    program("br16", offset=0)
    return guest


def zero_tests(guest: Guest) -> int:
    """Branches of the region that would leave it in front of a division by 0."""
    region = Translator(guest.bus.regions).translate(FLASH, Mode(True, False), frozenset())
    assert region is not None
    return sum(word & 0xFF00_001F == a64.cbz(DIVISOR) for word in region.words)


@pytest.mark.parametrize("instructions", NOT_ZERO)
def test_a_constant_divisor_is_not_tested(instructions: Instructions) -> None:
    guest = divided(instructions)
    assert zero_tests(guest) == 0
    assert guest.run(100) == Stop(StopReason.BUDGET)


@pytest.mark.parametrize("instructions", PERHAPS_ZERO)
def test_another_divisor_is_tested(instructions: Instructions) -> None:
    guest = divided(instructions)
    assert zero_tests(guest) == 1


@pytest.mark.parametrize("instructions", PERHAPS_ZERO[:6])
def test_a_divisor_that_is_zero_raises(instructions: Instructions) -> None:
    assert divided(instructions).run(100) == Stop(StopReason.EXCEPTION, vector=Vector.DIVIDE_BY_ZERO)


@pytest.mark.parametrize("value", [1, 0xFFFF, 0x10000, 0xFFFF_0000, 0x5A5A_0001, 0x00FF_00FF, 0xFFFF_FFFF])
def test_a_number_is_known_from_each_form_of_it(value: int) -> None:
    assert is_never_zero(a64.constant(3, value), 3)
    assert not is_never_zero(a64.constant(3, value), 4)
    assert not is_never_zero([*a64.constant(3, value), *a64.constant(3, 0)], 3)
