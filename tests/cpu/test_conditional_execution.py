"""sce: the next four instructions depend on C, alike on both engines."""

from __future__ import annotations

import pytest
from cpu.program import Cpu, code, op

from emu.isa.ops import Vector
from emu.isa.state import Psr

pytestmark = pytest.mark.parametrize("engine", ["interpreter", "translator"])


@pytest.mark.parametrize("cond", range(16))
@pytest.mark.parametrize("c", [0, 1])
def test_an_instruction_whose_bit_differs_from_c_is_skipped(engine: str, c: int, cond: int) -> None:
    short, long = op("addi16", rz=1, oimm=1), op("addi32", rz=2, rx=2, oimm=1)
    division, behind = op("divu", rz=4, rx=4, ry=5), op("addi16", rz=6, oimm=1)
    cpu = Cpu(engine, code(op("sce", cond=cond), short, long, long, division, behind, op("br", offset=0)))
    cpu.core.state.c = c
    cpu.r[4], cpu.r[5] = 12, 3
    cpu.run_engine(1)
    first, second, third, fourth = (cond >> number & 1 == c for number in range(4))
    assert cpu.r[1:7] == [first, second + third, 0, 4 if fourth else 12, 3, 1]
    assert cpu.core.engine.executed == 7


def test_what_changes_c_behind_comes_too_late(engine: str) -> None:
    compare, add = op("cmpnei16", rx=0, imm=0), op("addi16", rz=1, oimm=1)
    cpu = Cpu(engine, code(op("sce", cond=15), compare, add, add, add, add, op("br", offset=0)))
    cpu.core.state.c = 1
    cpu.run_engine(1)
    assert (cpu.r[1], cpu.core.state.c) == (4, 0)


def test_an_exception_holds_the_conditions_back(engine: str) -> None:
    program = code(
        op("sce", cond=0b0101),
        op("addi16", rz=1, oimm=1),
        op("bkpt"),
        op("divu", rz=4, rx=4, ry=5),
        op("addi16", rz=2, oimm=1),
        op("br", offset=0),
    )
    handler = code(op("addi16", rz=5, oimm=1), *[op("addi16", rz=3, oimm=1)] * 5, op("rte"))
    cpu = Cpu(engine, program, handlers={Vector.DIVIDE_BY_ZERO: handler})
    cpu.core.state.c = 1
    cpu.enable(Psr.EE)
    cpu.r[4] = 7
    cpu.core.run(1000)
    assert cpu.r[1:6] == [1, 0, 5, 7, 1]


def test_a_reset_forgets_the_conditions(engine: str) -> None:
    cpu = Cpu(engine, code(op("sce", cond=0), op("br", offset=0)))
    cpu.core.state.conditions = cpu.core.state.held_conditions = 0b10000
    cpu.core.reset(cpu.pc)
    assert (cpu.core.state.conditions, cpu.core.state.held_conditions) == (1, 1)
