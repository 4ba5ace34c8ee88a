"""Translated code tells what is executed for the first time: exactly that, and once."""

from __future__ import annotations

import pytest
from support.guest import DEVICE, FLASH, SRAM, Guest, Program

from emu.dbt.engine import TranslatorEngine
from emu.engine.contract import StopReason
from emu.engine.coverage import Known, tell_instruction
from emu.isa.assembler import assemble


class Told:
    """A sink that keeps all, in its order."""

    def __init__(self) -> None:
        self.pieces: list[tuple[int, int]] = []
        self.ways: list[tuple[int, bool]] = []

    def executed(self, address: int, code: bytes) -> None:
        self.pieces.append((address, address + len(code)))

    def branched(self, address: int, code: bytes, *, is_taken: bool) -> None:
        assert len(code) in (2, 4)
        self.ways.append((address, is_taken))

    @property
    def addresses(self) -> set[int]:
        """All halfwords."""
        return {at for begin, end in self.pieces for at in range(begin, end, 2)}


def engine_of(guest: Guest) -> TranslatorEngine:
    assert isinstance(guest.engine, TranslatorEngine)
    return guest.engine


def test_a_loop_is_told_once_and_then_stays_in_translated_code() -> None:
    guest, told = Guest(), Told()
    program = Program(guest)
    program("movi16", rz=1, imm=100)
    loop = program("subi", rz=1, oimm=1)
    branch = program("bnez", rx=1, offset=program.to(loop))
    end = program("br16", offset=0)
    guest.engine.tell_coverage(told)
    guest.run(50)
    assert told.addresses == set(range(FLASH, branch + 4, 2))
    assert told.ways == [(branch, True)]
    before = engine_of(guest).statistics.host_runs
    guest.run(50)
    assert engine_of(guest).statistics.host_runs == before + 1
    guest.run(1000)
    assert told.ways == [(branch, True), (branch, False)]
    guest.engine.tell_coverage(None)
    assert told.addresses == set(range(FLASH, end + 2, 2))
    assert len(told.pieces) == 3


def test_what_is_behind_an_exception_is_told_when_it_is_executed() -> None:
    guest, told = Guest(), Told()
    program = Program(guest)
    program("movi16", rz=1, imm=1)
    load = program("ld.w", rz=2, rx=3, offset=0)
    program("movi16", rz=1, imm=2)
    end = program("br16", offset=program.to(FLASH))
    guest.engine.tell_coverage(told)
    for _ in range(3):
        assert guest.run(100).reason is StopReason.EXCEPTION
        assert guest.state.pc == load
        assert told.addresses == set(range(FLASH, load, 2))
        guest.state.pc = FLASH
    guest.state.r[3] = SRAM
    guest.run(100)
    guest.engine.tell_coverage(None)
    assert told.addresses == set(range(FLASH, end + 2, 2))


def test_what_was_executed_before_is_not_taken_back_by_an_exception() -> None:
    guest, told = Guest(), Told()
    program = Program(guest)
    program("movi16", rz=1, imm=1)
    load = program("ld.w", rz=2, rx=3, offset=0)
    program("addu16", rz=3, rx=4)
    end = program("br16", offset=program.to(FLASH))
    guest.state.r[3], guest.state.r[4] = SRAM, 0x1000_0000
    guest.engine.tell_coverage(told)
    assert guest.run(1000).reason is StopReason.EXCEPTION
    guest.engine.tell_coverage(None)
    assert guest.state.pc == load
    assert told.addresses == set(range(FLASH, end + 2, 2))


def three_blocks(guest: Guest) -> tuple[int, int, int, int]:
    """Each leads to the next one, and loads by a register of its own: R1, R2, R3. Gives where, and the end."""
    program, begins = Program(guest), []
    for number in (1, 2, 3):
        begins.append(program("movi16", rz=4, imm=number))
        program("ld.w", rz=5, rx=number, offset=0)
        program("br16", offset=4)
        program("bkpt")
    begins.append(program("br16", offset=0))
    for number in (1, 2, 3):
        guest.state.r[number] = SRAM
    return begins[0], begins[1], begins[2], begins[3]


def executed_in(blocks: tuple[int, ...]) -> set[int]:
    """The halfwords of whole blocks of `three_blocks`."""
    return {at for begin in blocks for at in range(begin, begin + 6, 2)}


def test_blocks_that_come_for_certain_are_told_at_once() -> None:
    guest, told = Guest(), Told()
    *blocks, end = three_blocks(guest)
    guest.engine.tell_coverage(told)
    guest.run(50)
    assert told.addresses == executed_in((*blocks,)) | {end}
    assert len(told.pieces) == 4
    assert engine_of(guest).statistics.host_runs == 2  # a single way out


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_what_was_to_come_is_told_when_it_does(failing: int) -> None:
    guest, told = Guest(), Told()
    *blocks, end = three_blocks(guest)
    guest.engine.tell_coverage(told)
    guest.state.r[failing] = 0x1000_0000
    before = executed_in((*blocks[: failing - 1],)) | {blocks[failing - 1]}
    for _ in range(2):
        guest.state.pc = FLASH
        assert guest.run(50).reason is StopReason.EXCEPTION
        assert told.addresses == before
    guest.state.r[failing] = SRAM
    guest.run(50)
    assert told.addresses == executed_in((*blocks,)) | {end}


@pytest.mark.parametrize("stopped", [1, 2])
def test_what_a_breakpoint_keeps_from_coming_is_not_told(stopped: int) -> None:
    guest, told = Guest(), Told()
    *blocks, end = three_blocks(guest)
    guest.engine.tell_coverage(told)
    guest.engine.set_breakpoints(frozenset({blocks[stopped]}))
    assert guest.run(50).reason is StopReason.BREAKPOINT
    assert told.addresses == executed_in((*blocks[:stopped],))
    guest.state.pc = end
    guest.run(50)
    assert told.addresses == executed_in((*blocks[:stopped],)) | {end}
    guest.engine.set_breakpoints(frozenset())
    guest.state.pc = FLASH
    guest.run(50)
    assert told.addresses == executed_in((*blocks,)) | {end}


def test_code_that_has_changed_is_told_anew() -> None:
    guest, told = Guest(), Told()
    program = Program(guest, SRAM)
    program("movi16", rz=1, imm=1)
    program("br16", offset=program.to(SRAM))
    guest.state.pc = SRAM
    guest.engine.tell_coverage(told)
    guest.run(100)
    guest.run(100)
    guest.engine.tell_coverage(told)
    assert told.pieces == [(SRAM, SRAM + 4)]
    guest.bus.sram.buffer[:2] = assemble("movi16", rz=1, imm=2)
    guest.engine.invalidate(SRAM, 2)
    guest.run(100)
    guest.engine.tell_coverage(None)
    assert told.pieces == [(SRAM, SRAM + 4)] * 2


def test_a_sink_that_is_given_again_hears_all_again_and_none_hears_nothing() -> None:
    guest, told = Guest(), Told()
    program = Program(guest)
    program("br16", offset=0)
    guest.engine.tell_coverage(told)
    guest.run(100)
    guest.engine.tell_coverage(told)
    guest.run(100)
    guest.engine.tell_coverage(None)
    assert told.pieces == [(FLASH, FLASH + 2)] * 2
    guest.run(100)
    assert len(told.pieces) == 2


def test_another_sink_hears_what_is_not_known_and_the_code_stays() -> None:
    guest, first, known = Guest(), Told(), Known()
    *blocks, end = three_blocks(guest)
    all_ = executed_in((*blocks,)) | {end}
    guest.engine.tell_coverage(first, known)
    guest.run(50)
    guest.engine.tell_coverage(None)
    before = engine_of(guest).statistics.regions_translated
    for knows, expected in ((known, set[int]()), (None, all_), (Known(), all_), (known, set[int]())):
        told = Told()
        guest.state.pc = FLASH
        guest.engine.tell_coverage(told, knows)
        guest.run(50)
        guest.engine.tell_coverage(None)
        assert told.addresses == expected
    assert engine_of(guest).statistics.regions_translated == before
    assert first.addresses == all_


def test_a_device_that_ends_a_run_in_a_block_does_not_cut_it() -> None:
    guest, told = Guest(), Told()
    guest.bus.on_write = lambda offset, value: guest.engine.end_at(0)
    program = Program(guest)
    program("st.w", rz=1, rx=2, offset=0)
    program("movi16", rz=1, imm=1)
    end = program("br16", offset=program.to(FLASH))
    guest.state.r[2] = DEVICE
    guest.engine.tell_coverage(told)
    for _ in range(3):
        assert guest.run(1000).reason is StopReason.BUDGET
    guest.engine.tell_coverage(None)
    assert told.addresses == set(range(FLASH, end + 2, 2))


@pytest.mark.parametrize(("following", "ways"), [(0x102, [(0x100, False)]), (0x200, [(0x100, True)])])
def test_a_single_branch_has_a_way(following: int, ways: list[tuple[int, bool]]) -> None:
    told = Told()
    tell_instruction(told, 0x100, assemble("bt16", offset=0x100), following)
    tell_instruction(told, 0x102, assemble("br16", offset=0x100), following)
    assert (told.ways, told.pieces) == (ways, [(0x100, 0x102), (0x102, 0x104)])


def test_the_last_block_of_a_run_is_told_when_the_run_is_over() -> None:
    guest, told = Guest(), Told()
    program = Program(guest)
    program("movi16", rz=1, imm=100)
    end = program("br16", offset=0)
    guest.engine.tell_coverage(told)
    guest.run(50)
    guest.engine.settle()
    assert told.addresses == set(range(FLASH, end + 2, 2))
