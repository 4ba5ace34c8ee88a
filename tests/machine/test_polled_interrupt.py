"""Drivers that poll a flag whose interrupt handler clears it get to see it."""

from __future__ import annotations

import pytest
from cpu.program import code, op
from machine.device import PREPARE_UART0, SPIN, UART0, machine_of, send, set_register, store_word

from emu.isa.state import Psr

INTERRUPT_MASK, INTERRUPT_SOURCE = UART0 + 0x14, UART0 + 0x18
TX_EMPTY = 1
ENABLE_LINE_16 = store_word(0xE000_E100, 1 << 16)
CLEAR_SOURCE_AND_COUNT = code(op("st.w", rz=7, rx=6, offset=0), op("addi", rz=5, oimm=1), op("rte"))
POLL = code(
    op("ld.w", rz=3, rx=6, offset=0),
    op("andi", rz=3, rx=3, imm=TX_EMPTY),
    op("bez", rx=3, offset=-6),
    op("movi", rz=4, imm=7),
    SPIN,
)


@pytest.mark.parametrize("engine", ["interpreter", "translator"])
@pytest.mark.parametrize("phase", range(4))
def test_a_poll_for_the_end_of_a_byte_ends_although_the_handler_clears_the_flag(
    engine: str, phase: int
) -> None:
    prepare = code(
        PREPARE_UART0,
        store_word(INTERRUPT_MASK, 0x1FF & ~TX_EMPTY),
        ENABLE_LINE_16,
        set_register(6, INTERRUPT_SOURCE),
        set_register(7, 0x1FF),
        op("psrset", bits=Psr.IE),
    )
    program = code(prepare, send("!"), op("movi", rz=3, imm=0) * phase, POLL)
    machine = machine_of(program, engine=engine, handler=CLEAR_SOURCE_AND_COUNT)
    machine.run(10_000_000)
    assert (machine.registers["r4"], machine.registers["r5"]) == (7, 1)
