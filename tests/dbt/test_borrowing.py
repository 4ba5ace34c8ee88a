"""Instructions that need more host registers than the temporaries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from dbt.random_program import PLAIN
from dbt.test_emitted_code import emitted
from support.guest import FLASH, Guest, Program

from emu.dbt.emitter import Emitter, InterpretError
from emu.dbt.mode import Mode
from emu.dbt.regmap import TEMPORARIES
from emu.isa.insn import Insn
from emu.isa.ops import Ops
from emu.isa.table import INSNS

OFTEN_INTERPRETED = {
    "mfcr32",
    "mtcr32",
    "mfcr32_float",
    "mtcr32_float",
}  # most control registers are Python's


def random_operands(rng: Random, row: Insn) -> tuple[int, ...]:
    while True:
        word = rng.getrandbits(row.size_bytes * 8) & ~row.mask | row.match
        if row.is_defined(word):
            return row.decode(word)


def is_translated(row: Insn, operands: tuple[int, ...], *, check_alignment: bool = False) -> bool:
    emitter = Emitter(lambda address: None, Mode(supervisor=True, check_alignment=check_alignment))
    try:
        emitter.instruction(row, operands, FLASH)
    except InterpretError:
        return False
    return True


@pytest.mark.parametrize("check_alignment", [False, True])
def test_every_instruction_is_translated_whatever_registers_it_names(check_alignment: bool) -> None:
    rng, left = Random(0), set()
    for row in PLAIN:
        for _ in range(40):
            if not is_translated(row, random_operands(rng, row), check_alignment=check_alignment):
                left.add(row.name)
    # A failing check of the second address would have the access before made again.
    assert left == OFTEN_INTERPRETED | ({"pldbir_d"} if check_alignment else set())


def test_borrowed_registers_are_given_back_behind_the_instruction() -> None:
    lines = emitted(("pneg.s8.s", {"rz": 1, "rx": 2}))
    assert [line for line in lines if line.startswith("mov v")] == ["mov v15.s[1], w15"]
    assert lines[-1] == "mov w15, v15.s[1]"


@pytest.mark.parametrize("rz", range(32))
def test_an_operand_may_be_what_was_borrowed_before_it_was_named(rz: int) -> None:
    outcomes = []
    for kind in ("interpreter", "translator"):
        guest = Guest(kind)
        guest.state.r[:] = Random(rz).choices(range(1 << 32), k=32)
        program = Program(guest)
        program("pmax.s8", rz=rz, rx=30, ry=31)
        program("mulacsr.s16.e", rz=rz, rx=29, ry=31)
        program("add.s64.s", rz=14, rx=rz, ry=rz)
        program("br16", offset=0)
        guest.run(4)
        outcomes.append(guest.state.r)
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize(
    "use",
    [
        lambda t: t.load(t[2], 4),
        lambda t: t.store(t[2], 4, t[3]),
        lambda t: t.divide_signed(t[2], t[3]),
        lambda t: t.branch_if(t[2], FLASH),
        lambda t: t.set_float_register(15, t[2]),
    ],
    ids=["load", "store", "side exit", "branch", "FPU register"],
)
def test_an_instruction_whose_borrowing_could_be_seen_is_left_to_the_interpreter(
    use: Callable[[Ops], object],
) -> None:
    def execute(t: Ops, count: int) -> None:
        held = [t[0].bits(7, number) for number in range(count)]
        use(t)
        for value in held:
            t[1] = t[1] + value

    row = replace(INSNS[0], execute=execute)
    assert is_translated(row, (len(TEMPORARIES) - 3,))
    assert not is_translated(row, (len(TEMPORARIES) + 1,))
