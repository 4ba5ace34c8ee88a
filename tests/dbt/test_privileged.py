"""Moves of control registers, and what interrupt handlers begin and end with, inside translated code."""

from __future__ import annotations

import pytest
from dbt.random_program import move_control
from support.guest import FLASH, SRAM, Guest, Program

from emu.dbt.engine import TranslatorEngine
from emu.engine.contract import Stop, StopReason
from emu.isa.assembler import assemble
from emu.isa.ops import LowPower, Vector
from emu.isa.state import SP, Control, Psr

ENGINES = pytest.mark.parametrize("engine", ["interpreter", "translator"])
STACK = SRAM + 0x1000
VALUE = 0x1234_5678


def interpreted(guest: Guest) -> int:
    assert isinstance(guest.engine, TranslatorEngine)
    return guest.engine.statistics.interpreted


def run(guest: Guest, *code: bytes) -> None:
    """Execute the code once, and a jump to itself behind it."""
    guest.put(FLASH, *code, assemble("br16", offset=0))
    guest.state.pc = FLASH
    guest.run(len(code) + 1)


@pytest.mark.parametrize("register", [*Control.PLAIN, Control.PSR])
def test_a_plain_control_register_moves_in_translated_code(register: tuple[int, int]) -> None:
    guest = Guest()
    guest.state.r[1] = guest.state.psr | Psr.FE | Psr.IE | Psr.C
    run(guest, move_control("mtcr", register, rx=1), move_control("mfcr", register, rz=2))
    kept = ~0x3FF if register == Control.VBR else ~0
    assert guest.state.r[2] == guest.state.r[1] & kept
    assert interpreted(guest) == 0


def test_a_handler_saves_and_restores_in_translated_code() -> None:
    guest = Guest()
    guest.state.r[SP] = STACK
    guest.state.r[12] = VALUE
    guest.state.control |= {Control.EPC: 1, Control.EPSR: 2}
    run(guest, assemble("nie"), assemble("ipush"))
    assert guest.state.r[SP] == STACK - 32
    assert [guest.bus.read(STACK - 8 + 4 * n, 4) for n in range(2)] == [2, 1]
    assert guest.bus.read(STACK - 16, 4) == VALUE
    assert guest.state.psr & (Psr.EE | Psr.IE) == Psr.EE | Psr.IE
    assert interpreted(guest) == 0


@ENGINES
def test_a_register_never_written_has_no_entry_and_one_that_is_0_has(engine: str) -> None:
    guest = Guest(engine)
    run(guest, move_control("mtcr", Control.EPC, rx=1), move_control("mfcr", Control.EPSR, rz=2))
    assert guest.state.control == {Control.EPC: 0}


@ENGINES
@pytest.mark.parametrize("bit", [Psr.IE, Psr.EE])
def test_psr_that_lets_a_waiting_interrupt_in_ends_the_run_behind_its_move(engine: str, bit: int) -> None:
    guest = Guest(engine)
    guest.state.psr = Psr.S | (Psr.IE | Psr.EE) & ~bit
    guest.state.r[1] = Psr.S | Psr.IE | Psr.EE | Psr.C
    guest.engine.set_interrupt_pending(True)
    guest.put(FLASH, move_control("mtcr", Control.PSR, rx=1), assemble("br16", offset=0))
    assert guest.run(10).reason is StopReason.ATTENTION
    assert (guest.state.pc, guest.state.full_psr, guest.engine.executed) == (FLASH + 4, guest.state.r[1], 1)


@ENGINES
@pytest.mark.parametrize("pending", [False, True])
def test_psr_that_enables_nothing_new_does_not_end_the_run(engine: str, pending: bool) -> None:
    guest = Guest(engine)
    guest.state.psr = guest.state.r[1] = Psr.S | Psr.IE | Psr.EE
    guest.engine.set_interrupt_pending(pending)
    guest.put(FLASH, move_control("mtcr", Control.PSR, rx=1), assemble("br16", offset=0))
    assert guest.run(10).reason is StopReason.BUDGET


@ENGINES
def test_code_behind_a_move_to_user_mode_has_no_privileges(engine: str) -> None:
    guest = Guest(engine)
    guest.put(FLASH, move_control("mtcr", Control.PSR, rx=1), move_control("mfcr", Control.EPC, rz=2))
    stop = guest.run(10)
    assert (stop.reason, stop.vector) == (StopReason.EXCEPTION, Vector.PRIVILEGE_VIOLATION)
    assert guest.state.pc == FLASH + 4


@ENGINES
@pytest.mark.parametrize("allowed", [False, True])
def test_code_behind_a_move_of_psr_may_access_crooked_words_as_psr_says(engine: str, allowed: bool) -> None:
    guest = Guest(engine)
    guest.state.psr = Psr.S | Psr.MM * (not allowed)
    guest.state.r[1:3] = Psr.S | Psr.MM * allowed, STACK + 1
    code = move_control("mtcr", Control.PSR, rx=1), assemble("ld.w", rz=3, rx=2, offset=0)
    guest.put(FLASH, *code, assemble("br16", offset=0))
    assert guest.run(10).vector == (None if allowed else Vector.MISALIGNED)


@ENGINES
def test_memory_that_ignores_what_is_pushed_does_not_stop_a_handler(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = Guest(engine)
    monkeypatch.setattr(guest.bus, "write", lambda address, size_bytes, value: None)
    guest.state.r[SP] = FLASH + 0x1000
    run(guest, assemble("nie"))
    assert guest.state.r[SP] == FLASH + 0xFF8


@ENGINES
def test_a_stack_that_ends_inside_nie_keeps_the_word_before_and_the_stack_pointer(engine: str) -> None:
    guest = Guest(engine)
    guest.state.r[SP] = SRAM + 4
    guest.state.control |= {Control.EPC: VALUE, Control.EPSR: 0}
    guest.put(FLASH, assemble("nie"))
    stop = guest.run(10)
    assert (stop.vector, stop.address, guest.state.pc) == (Vector.ACCESS_ERROR, SRAM - 4, FLASH)
    assert guest.bus.read(SRAM, 4) == VALUE
    assert guest.state.r[SP] == SRAM + 4
    assert not guest.state.psr & Psr.IE


@ENGINES
def test_a_crooked_stack_pointer_stops_nie_before_it_stores(engine: str) -> None:
    guest = Guest(engine)
    guest.state.psr &= ~Psr.MM
    guest.state.r[SP] = STACK + 2
    guest.put(FLASH, assemble("nie"))
    stop = guest.run(10)
    assert (stop.vector, stop.address) == (Vector.MISALIGNED, STACK - 2)
    assert guest.bus.read(STACK - 8, 4) == 0


def test_a_loop_of_moves_never_leaves_translated_code() -> None:
    guest = Guest()
    program = Program(guest)
    loop = program("mfcr32", rz=1, index=0, bank=0)
    program("psrclr", bits=1 << 3)
    program("mtcr32", rx=1, index=0, bank=0)
    program("br16", offset=program.to(loop))
    guest.run(4000)
    assert interpreted(guest) == 0
    assert isinstance(guest.engine, TranslatorEngine)
    assert guest.engine.statistics.host_runs == 1


@pytest.mark.parametrize("name", ["wait", "doze", "stop"])
def test_a_cpu_falls_asleep_in_translated_code(name: str) -> None:
    guest = Guest()
    guest.put(FLASH, assemble("addi", rz=1, rx=1, oimm=1), assemble(name))
    assert guest.run(100) == Stop(StopReason.LOW_POWER, mode=LowPower[name.upper()])
    assert (guest.state.pc, guest.state.r[1]) == (FLASH + 6, 1)
    assert (guest.engine.executed, interpreted(guest)) == (2, 0)


@pytest.mark.parametrize("name", ["rte", "nir"])
def test_a_handler_returns_in_translated_code(name: str) -> None:
    guest = Guest()
    guest.state.r[SP] = STACK
    saved = guest.state.psr | Psr.IE
    guest.state.control |= {Control.EPC: FLASH + 0x100, Control.EPSR: saved}
    guest.bus.write(STACK, saved | Psr.C, 4)
    guest.bus.write(STACK + 4, FLASH + 0x200, 4)
    guest.put(FLASH, assemble("addi", rz=1, rx=1, oimm=1), assemble(name))
    assert guest.run(1) == Stop(StopReason.BUDGET)
    is_nir = name == "nir"
    assert guest.state.pc == guest.state.control[Control.EPC] == FLASH + (0x200 if is_nir else 0x100)
    assert guest.state.full_psr == guest.state.control[Control.EPSR] == saved | Psr.C * is_nir
    assert guest.state.r[SP] == STACK + 8 * is_nir
    assert (guest.engine.executed, interpreted(guest)) == (2, 0)


@ENGINES
def test_a_stack_that_ends_inside_nir_returns_nowhere(engine: str) -> None:
    guest = Guest(engine)
    end = SRAM + len(guest.bus.sram.buffer)
    guest.state.r[SP] = end - 4
    guest.state.control |= {Control.EPC: VALUE, Control.EPSR: 0}
    guest.put(FLASH, assemble("nir"))
    stop = guest.run(10)
    assert (stop.vector, stop.address, guest.state.pc) == (Vector.ACCESS_ERROR, end, FLASH)
    assert guest.state.control == {Control.EPC: VALUE, Control.EPSR: 0}
    assert (guest.state.r[SP], guest.engine.executed) == (end - 4, 0)
