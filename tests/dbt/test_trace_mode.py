"""PSR.TM: exceptions behind single instructions, alike on both engines."""

from __future__ import annotations

import pytest
from support.guest import FLASH, Guest, Program

from emu.engine.contract import Stop, StopReason
from emu.isa.ops import Vector
from emu.isa.state import Control, Psr

pytestmark = pytest.mark.parametrize("kind", ["translator", "interpreter"])

EVERYTHING, FLOW = 1 << 14, 3 << 14
COUNT = 1


def stops(guest: Guest, number: int) -> list[tuple[StopReason, int]]:
    """How the next runs end, and where."""
    return [(guest.run(1000).reason, guest.state.pc) for _ in range(number)]


def test_each_instruction_ends_a_run(kind: str) -> None:
    guest = Guest(kind)
    program = Program(guest)
    loop = program("addi16", rz=COUNT, oimm=1)
    branch = program("br16", offset=program.to(loop))
    guest.state.psr |= EVERYTHING
    assert stops(guest, 3) == [(StopReason.TRACE, pc) for pc in (branch, loop, branch)]
    assert (guest.engine.executed, guest.state.r[COUNT]) == (3, 2)


def test_in_flow_mode_what_may_branch_ends_a_run_taken_or_not(kind: str) -> None:
    guest = Guest(kind)
    program = Program(guest)
    loop = program("addi16", rz=COUNT, oimm=1)
    program("cmpnei16", rx=COUNT, imm=2)
    program("bt16", offset=program.to(loop))
    behind = program("br16", offset=program.to(loop))
    guest.state.psr |= FLOW
    assert stops(guest, 3) == [(StopReason.TRACE, pc) for pc in (loop, behind, loop)]
    assert guest.engine.executed == 7


def test_the_first_instruction_behind_a_return_is_traced(kind: str) -> None:
    guest = Guest(kind)
    program = Program(guest)
    program("rte")
    target = program("addi16", rz=COUNT, oimm=1)
    guest.state.control[Control.EPC] = target
    guest.state.control[Control.EPSR] = guest.state.psr | EVERYTHING
    assert stops(guest, 1) == [(StopReason.TRACE, target + 2)]


@pytest.mark.parametrize("name", ["rte", "rfi"])
def test_returns_are_not_traced(kind: str, name: str) -> None:
    guest = Guest(kind)
    program = Program(guest)
    program(name)
    loop = program("br16", offset=0)
    for pc, psr in ((Control.EPC, Control.EPSR), (Control.FPC, Control.FPSR)):
        guest.state.control |= {pc: loop, psr: guest.state.psr}
    guest.state.psr |= EVERYTHING
    assert StopReason.TRACE not in dict(stops(guest, 2))


def test_the_instruction_that_ends_trace_mode_is_traced(kind: str) -> None:
    guest = Guest(kind)
    program = Program(guest)
    program("mtcr", rx=COUNT, index=0, bank=0)
    behind = program("br16", offset=0)
    guest.state.r[COUNT] = guest.state.psr
    guest.state.psr |= EVERYTHING
    assert stops(guest, 2) == [(StopReason.TRACE, behind), (StopReason.BUDGET, behind)]


def test_breakpoints_and_wild_jumps_end_a_run_as_ever(kind: str) -> None:
    guest = Guest(kind)
    program = Program(guest)
    program("addi16", rz=COUNT, oimm=1)
    second = program("addi16", rz=COUNT, oimm=1)
    program("jmp16", rx=2)
    guest.state.psr |= FLOW
    guest.engine.set_breakpoints(frozenset({second}))
    assert stops(guest, 2) == [(StopReason.BREAKPOINT, second), (StopReason.TRACE, 0)]
    assert guest.run(1) == Stop(StopReason.EXCEPTION, vector=Vector.ACCESS_ERROR, address=0)
    assert guest.engine.executed == 3
    guest.state.pc, guest.state.psr = FLASH, guest.state.psr & ~Psr.TM
    assert stops(guest, 1) == [(StopReason.BREAKPOINT, second)]
