from __future__ import annotations

import pytest
from isa.drivers import ChunkMemory

from emu.engine.control_registers import CHR_ISE, Processor
from emu.engine.interpreter import Interpreter
from emu.isa.assembler import assemble
from emu.isa.ops import CpuException, LowPower, Vector
from emu.isa.state import Control, CpuState, Psr

CODE = 0x0801_0000
DATA = 0x2000_0000


class Bench:
    """One instruction at CODE and sixteen bytes at DATA."""

    def __init__(self, code: bytes, **registers: int) -> None:
        self.data = bytearray(range(16))
        self.state = CpuState(pc=CODE)
        for name, value in registers.items():
            self.state.r[int(name[1:])] = value
        memory = ChunkMemory({CODE: bytearray(code), DATA: self.data})
        self.interpreter = Interpreter(self.state, memory)

    def fault(self) -> CpuException:
        with pytest.raises(CpuException) as error:
            self.interpreter.step()
        return error.value


def test_an_instruction_moves_pc_behind_itself() -> None:
    bench = Bench(assemble("mov16", rz=1, rx=2), r2=7)
    bench.interpreter.step()
    assert (bench.state.r[1], bench.state.pc) == (7, CODE + 2)


def test_bit_0_of_pc_is_ignored() -> None:
    bench = Bench(assemble("bsr", offset=4))
    bench.state.pc |= 1
    bench.interpreter.step()
    assert (bench.state.pc, bench.state.r[15]) == (CODE + 4, CODE + 4)


def test_an_undefined_encoding_is_illegal() -> None:
    assert Bench(b"\xff\xff\xff\xff").fault().vector == Vector.ILLEGAL_INSTRUCTION


def test_fetching_from_nowhere_is_an_access_error() -> None:
    bench = Bench(b"")
    fault = bench.fault()
    assert (fault.vector, fault.address) == (Vector.ACCESS_ERROR, CODE)


def test_user_mode_may_not_execute_privileged_instructions() -> None:
    bench = Bench(assemble("psrset", bits=Psr.IE))
    bench.state.psr = 0
    assert bench.fault().vector == Vector.PRIVILEGE_VIOLATION
    assert bench.state.psr == 0


def test_an_unaligned_access_is_refused() -> None:
    fault = Bench(assemble("ld.w", rz=1, rx=2, offset=0), r2=DATA + 2).fault()
    assert (fault.vector, fault.address) == (Vector.MISALIGNED, DATA + 2)


def test_an_unaligned_access_is_allowed_with_psr_mm() -> None:
    bench = Bench(assemble("ld.w", rz=1, rx=2, offset=0), r2=DATA + 2)
    bench.state.psr |= Psr.MM
    bench.interpreter.step()
    assert bench.state.r[1] == 0x0504_0302


def test_a_fault_in_the_middle_leaves_done_what_came_before() -> None:
    bench = Bench(assemble("ldm", registers=4 << 5 | 3, rx=4), r4=DATA + 8, r5=5, r6=6)
    fault = bench.fault()
    assert (fault.vector, fault.address) == (Vector.ACCESS_ERROR, DATA + 16)
    assert bench.state.r[4:7] == [0x0B0A_0908, 0x0F0E_0D0C, 6]
    assert bench.state.pc == CODE


def test_a_failed_pop_does_not_move_the_stack_pointer() -> None:
    bench = Bench(assemble("pop16", registers=0b1_0001), r14=DATA + 12, r15=3)
    assert bench.fault().vector == Vector.ACCESS_ERROR
    assert (bench.state.r[14], bench.state.r[15]) == (DATA + 12, 3)


@pytest.mark.parametrize("name", ["divu32", "divs32"])
def test_division_by_zero_raises(name: str) -> None:
    assert Bench(assemble(name, rz=1, rx=2, ry=3), r2=1).fault().vector == Vector.DIVIDE_BY_ZERO


def test_dividing_the_most_negative_number_by_minus_one_overflows_to_itself() -> None:
    bench = Bench(assemble("divs32", rz=1, rx=2, ry=3), r2=0x8000_0000, r3=0xFFFF_FFFF)
    bench.interpreter.step()
    assert bench.state.r[1] == 0x8000_0000


def test_a_rotation_by_32_through_c_brings_c_to_bit_0() -> None:
    """The vendor's simulator loses C here."""
    bench = Bench(assemble("xsr32", rz=1, rx=2, oimm=32), r2=0x8000_0001)
    bench.state.c = 1
    bench.interpreter.step()
    assert (bench.state.r[1], bench.state.c) == (0x0000_0003, 1)


def test_bkpt_raises_the_breakpoint_exception() -> None:
    assert Bench(assemble("bkpt")).fault().vector == Vector.BREAKPOINT


@pytest.mark.parametrize(
    ("name", "mode"), [("wait", LowPower.WAIT), ("doze", LowPower.DOZE), ("stop", LowPower.STOP)]
)
def test_low_power_modes_reach_the_chip(name: str, mode: LowPower) -> None:
    entered = []

    class Chip(Processor):
        def low_power(self, mode: LowPower) -> None:
            entered.append(mode)

    bench = Bench(assemble(name))
    bench.interpreter.processor = Chip(bench.state)
    bench.interpreter.step()
    assert entered == [mode]
    assert bench.state.pc == CODE + 4


def test_a_fast_interrupt_returns_through_its_own_registers() -> None:
    bench = Bench(assemble("rfi"))
    bench.state.control |= {Control.FPSR: 0x8000_0141, Control.FPC: CODE + 0x101}
    bench.interpreter.step()
    assert (bench.state.pc, bench.state.full_psr) == (CODE + 0x100, 0x8000_0141)


def test_the_cpu_id_cannot_be_written() -> None:
    bench = Bench(assemble("mtcr", rx=1, index=13, bank=0), r1=1)
    bench.state.control[Control.CPUID] = 0x04
    bench.interpreter.step()
    assert bench.state.control[Control.CPUID] == 0x04


def test_a_register_that_does_not_exist_reads_zero() -> None:
    bench = Bench(assemble("mfcr", rz=1, index=30, bank=7), r1=1)
    bench.interpreter.step()
    assert bench.state.r[1] == 0


def test_leaving_supervisor_mode_changes_the_stack_pointer() -> None:
    bench = Bench(assemble("rte"), r14=0x1000)
    bench.state.control |= {Control.EPSR: 0, Control.USER_SP: 0x2000}
    bench.interpreter.step()
    assert bench.state.r[14] == 0x2000


def test_switching_on_the_interrupt_stack_inside_a_handler_takes_effect() -> None:
    bench = Bench(assemble("mtcr", rx=1, index=31, bank=0), r1=CHR_ISE, r14=0x1000)
    bench.state.psr |= 32 << Psr.VEC_SHIFT
    bench.state.control[Control.INT_SP] = 0x3000
    bench.interpreter.step()
    assert bench.state.r[14] == 0x3000
