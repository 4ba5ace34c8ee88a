"""Instructions cost what their memory says, exactly, on both engines."""

from __future__ import annotations

import pytest
from support.guest import DEVICE, FLASH, SRAM, Guest, Program

from emu.engine.contract import Stop, StopReason
from emu.isa.ops import Vector

pytestmark = pytest.mark.parametrize("kind", ["translator", "interpreter"])

COUNT, ONE, TWO, BASE = 1, 2, 3, 4

COSTS = [(1, 1), (2, 1), (1, 2), (4000, 3)]
"""Of an instruction in flash and in RAM."""


def called_in_ram(guest: Guest) -> int:
    """A loop of 2 instructions in flash that calls 5 in RAM. Gives the address of the third, a load."""
    guest.state.r[BASE] = DEVICE
    guest.state.r[TWO] = SRAM
    program = Program(guest)
    loop = program("jsr16", rx=TWO)
    program("br16", offset=program.to(loop))
    function = Program(guest, SRAM)
    function("addi16", rz=COUNT, oimm=1)
    function("addi16", rz=COUNT, oimm=1)
    load = function("ld.w", rz=ONE, rx=BASE, offset=4)
    function("addi16", rz=COUNT, oimm=1)
    function("rts16")
    return load


@pytest.mark.parametrize("costs", COSTS)
def test_instructions_cost_what_the_memory_says_that_they_are_in(kind: str, costs: tuple[int, int]) -> None:
    flash, ram = costs
    guest = Guest(kind, costs)
    load = called_in_ram(guest)
    seen: list[tuple[int, int, int]] = []

    def read(offset: int) -> int:
        seen.append((guest.engine.executed, guest.engine.elapsed, guest.engine.current_pc))
        return 0

    guest.bus.on_read = read
    a_round = 2 * flash + 5 * ram
    assert guest.run(2 * a_round) == Stop(StopReason.BUDGET)
    assert (guest.engine.executed, guest.engine.elapsed, guest.state.pc) == (14, 2 * a_round, FLASH)
    assert seen == [(3, flash + 2 * ram, load), (10, a_round + flash + 2 * ram, load)]


@pytest.mark.parametrize("costs", COSTS)
def test_what_an_exception_cuts_off_costs_nothing(kind: str, costs: tuple[int, int]) -> None:
    flash, ram = costs
    guest = Guest(kind, costs)
    called_in_ram(guest)
    guest.state.r[BASE] = 0x6000_0000
    for _ in range(2):
        assert guest.run(100 * flash).reason is StopReason.EXCEPTION
        assert (guest.engine.executed, guest.engine.elapsed) == (3, flash + 2 * ram)
    guest.state.r[BASE] = DEVICE
    guest.run(1)
    assert (guest.engine.executed, guest.engine.elapsed) == (6, flash + 5 * ram)


@pytest.mark.parametrize("costs", COSTS)
def test_instructions_that_leave_translated_code_cost_the_same(kind: str, costs: tuple[int, int]) -> None:
    guest = Guest(kind, costs)
    guest.state.pc = SRAM
    guest.state.r[TWO], guest.state.r[ONE] = 3, 0
    program = Program(guest, SRAM)
    program("addi16", rz=COUNT, oimm=1)
    program("divu", rz=COUNT, rx=COUNT, ry=TWO)
    program("mtcr32", rx=COUNT, index=4, bank=0)
    program("divu", rz=COUNT, rx=COUNT, ry=ONE)
    assert guest.run(1000 * costs[1]).vector == Vector.DIVIDE_BY_ZERO
    assert (guest.engine.executed, guest.engine.elapsed) == (3, 3 * costs[1])
