"""Returns go to the caller that a function was translated for without a look at the table, and to others as well."""

from __future__ import annotations

import pytest
from support.guest import FLASH, SRAM, Guest, Program

from emu.dbt.mode import Mode
from emu.dbt.translator import Translator
from emu.engine.contract import Stop, StopReason
from emu.isa.assembler import assemble
from emu.isa.state import LINK, SP

FUNCTION = 0x100
COUNT, OTHER, POINTER = 1, 2, 3

both = pytest.mark.parametrize("kind", ["translator", "interpreter"])
of_each_kind = pytest.mark.parametrize("returning", ["rts", "pop"])


def calls(guest: Guest, base: int, callers: int, returning: str = "rts") -> list[int]:
    """A loop of calls of one function; gives the addresses behind them."""
    guest.state.r[SP] = SRAM + 0x4000
    program = Program(guest, base)
    loop = program.here()
    behind = []
    for _ in range(callers):
        program("bsr32", offset=program.to(base + FUNCTION))
        behind.append(program("addi16", rz=OTHER, oimm=1))
    program("br16", offset=program.to(loop))
    function = Program(guest, base + FUNCTION)
    if returning == "pop":
        function("push16", registers=0x10)
    function("addi16", rz=COUNT, oimm=3)
    if returning == "pop":
        function("pop16", registers=0x10)
    else:
        function("rts16")
    return behind


def tried(guest: Guest, link: int, returning: str = "rts") -> list[int]:
    """Where the function's code leads to directly."""
    calls(guest, FLASH, 1, returning)
    region = Translator(guest.bus.regions).translate(FLASH + FUNCTION, Mode(True, False), frozenset(), link)
    assert region is not None
    return [target for _, target in region.links]


@of_each_kind
def test_a_return_tries_first_what_is_behind_the_call(returning: str) -> None:
    assert tried(Guest(), FLASH + 4, returning) == [FLASH + 4] * 2  # and by a branch, if that is far


@pytest.mark.parametrize("link", [0, 1, FLASH, FLASH + 6, FLASH + 0x40, 0xFFFF_FFFE])
def test_what_is_behind_no_call_is_not_tried(link: int) -> None:
    assert tried(Guest(), link) == []


@both
@of_each_kind
@pytest.mark.parametrize("callers", [1, 2, 3])
def test_every_caller_is_returned_to(kind: str, callers: int, returning: str) -> None:
    guest = Guest(kind)
    calls(guest, FLASH, callers, returning)
    guest.run(3000)
    assert guest.state.r[COUNT] > 1000
    assert guest.state.r[COUNT] - 3 * guest.state.r[OTHER] in (0, 3)


@of_each_kind
def test_a_return_that_uses_the_budget_up_ends_the_run_behind_the_call(returning: str) -> None:
    stops = []
    for kind in ("translator", "interpreter"):
        guest = Guest(kind)
        calls(guest, FLASH, 2, returning)
        guest.run(100)
        for budget in (*range(1, 16), *range(1, 16)):
            assert guest.run(budget) == Stop(StopReason.BUDGET)
            stops.append((kind, guest.state.pc, guest.engine.executed, list(guest.state.r)))
    translated, interpreted = stops[: len(stops) // 2], stops[len(stops) // 2 :]
    assert [stop[1:] for stop in translated] == [stop[1:] for stop in interpreted]
    assert {pc for _, pc, *_ in translated} > {FLASH + 4, FLASH + 10}


@both
def test_a_return_stops_at_a_breakpoint_behind_the_call(kind: str) -> None:
    guest = Guest(kind)
    (behind,) = calls(guest, FLASH, 1)
    guest.run(100)
    guest.engine.set_breakpoints(frozenset({behind}))
    assert guest.run(100) == Stop(StopReason.BREAKPOINT)
    assert guest.state.pc == behind
    guest.engine.set_breakpoints(frozenset())
    assert guest.run(100) == Stop(StopReason.BUDGET)


@both
def test_a_return_goes_to_what_is_behind_the_call_now(kind: str) -> None:
    guest = Guest(kind)
    guest.state.pc = SRAM
    (behind,) = calls(guest, SRAM, 1)
    guest.run(100)
    guest.put(behind, assemble("subi16", rz=OTHER, oimm=1))
    guest.engine.invalidate(behind, 2)
    before = guest.state.r[OTHER]
    guest.run(100)
    assert guest.state.r[OTHER] < before


@both
def test_a_function_may_change_where_it_returns_to(kind: str) -> None:
    guest = Guest(kind)
    calls(guest, FLASH, 2)
    guest.run(100)
    function = Program(guest, FLASH + FUNCTION)
    function("mov16", rz=LINK, rx=POINTER)
    function("rts16")
    guest.engine.invalidate(FLASH + FUNCTION, 4)
    guest.state.r[POINTER] = end = FLASH + 0x200
    Program(guest, end)("br16", offset=0)
    guest.run(100)
    assert guest.state.pc == end
