"""What CPU and DMA have read of the flash is known to the page."""

from __future__ import annotations

import pytest
from cpu.program import ENGINES, code, op
from machine.device import FLASH_SIZE, SPIN, machine_of, set_register

from emu.bus import GRANULE_BYTES
from emu.machine import Machine
from emu.memory_map import FLASH_BASE

FIRST = FLASH_BASE // GRANULE_BYTES
LITERAL, DATA, CODE, DMA = (number * GRANULE_BYTES for number in (2, 3, 5, 7))
# For ever: a literal, a word of data, and there and back to other code. r4 is the beginning, r5 the other code.
BEGINNING = code(set_register(4, FLASH_BASE + 0x18), set_register(5, FLASH_BASE + CODE), set_register(6, 0))
ROUND = code(
    op("lrw", rz=6, offset=LITERAL - len(BEGINNING)),
    op("ld.w", rz=7, rx=6, offset=0),
    op("jmp", rx=5),
)


@pytest.fixture(params=sorted(ENGINES))
def machine(request: pytest.FixtureRequest) -> Machine:
    assert len(BEGINNING) == 0x18
    made = machine_of(BEGINNING + ROUND, engine=request.param)
    made.flash.load(LITERAL, (FLASH_BASE + DATA).to_bytes(4, "little"))
    made.flash.load(CODE, op("jmp", rx=4))
    return made


def of_flash(pages: set[int]) -> set[int]:
    """Those of the flash, counted from its beginning."""
    return {page - FIRST for page in pages if FIRST <= page < FIRST + FLASH_SIZE // GRANULE_BYTES}


def read_of(machine: Machine) -> set[int]:
    """The pages of the flash that are read in some rounds."""
    pages: set[int] = set()
    machine.board.note_reads(pages)
    machine.run_for(1e-6)
    machine.board.note_reads(None)
    machine.run_for(1e-6)
    return of_flash(pages)


def test_data_code_and_literals_count_however_often_they_were_read_before(machine: Machine) -> None:
    assert read_of(machine) == {0, 2, 3, 5}
    machine.run_for(1e-5)
    assert read_of(machine) == {0, 2, 3, 5}


def test_single_steps_and_dma_count(machine: Machine) -> None:
    machine.run_for(1e-6)
    pages: set[int] = set()
    machine.board.note_reads(pages)
    machine.step(4)
    assert of_flash(pages) == {0, 2, 3, 5}
    machine.board.memory.read(FLASH_BASE + DMA - 2, 4)
    assert of_flash(pages) == {0, 2, 3, 5, 6, 7}


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_the_vector_of_an_exception_counts(engine: str) -> None:
    machine = machine_of(op("trap", number=0), engine=engine, handler=SPIN)
    machine.board.core.state.control.clear()
    assert read_of(machine) == {0}
