"""Stores to flash and mask ROM pass without effect, as on the chip, and are told by name and place."""

from __future__ import annotations

import pytest
from cpu.program import code, op
from machine.device import SPIN, machine_of, set_register
from support.translator import translator

from emu.machine.machine import Machine
from emu.memory_map import FLASH_BASE
from emu.report.run_result import RunEnd

TABLE = FLASH_BASE + 0x5000
STORES = [
    op("st.b", rz=3, rx=2, offset=0),
    op("st.w", rz=3, rx=2, offset=0),
    op("stm", registers=3 << 5 | 2, rx=2),
]
POINT_TO_TABLE = set_register(2, TABLE)


def run(program: bytes, engine: str) -> Machine:
    machine = machine_of(program, engine=engine)
    assert machine.run(10_000).end is RunEnd.TIME_UP
    return machine


@pytest.mark.parametrize("engine", ["interpreter", "translator"])
@pytest.mark.parametrize("store", STORES, ids=["st.b", "st.w", "stm"])
def test_a_store_to_the_flash_window_changes_nothing_and_the_program_goes_on(
    store: bytes, engine: str
) -> None:
    machine = run(code(POINT_TO_TABLE, store, op("movi", rz=4, imm=7), SPIN), engine)
    assert (machine.registers["r4"], machine.read(TABLE, 12)) == (7, b"\xff" * 12)


@pytest.mark.parametrize("engine", ["interpreter", "translator"])
def test_such_a_store_is_told_with_its_place(engine: str) -> None:
    machine = run(code(POINT_TO_TABLE, STORES[1], STORES[1], SPIN), engine)
    assert str(machine.board.log.uses["flash"]) == (
        "2 times, first write at 0x8005000 ignored: a store to read-only flash? at 0x08000008 (main+0x8)"
    )


def test_code_that_a_store_did_not_change_is_not_translated_again() -> None:
    loop = code(op("st.w", rz=3, rx=2, offset=0), op("addi", rz=4, oimm=1), op("br", offset=-4))
    machine = run(code(set_register(2, FLASH_BASE + 8), loop), "translator")
    assert machine.registers["r4"] > 100
    assert translator(machine).statistics.regions_translated < 5
