from __future__ import annotations

from copy import deepcopy

import pytest
from isa.drivers import ChunkMemory

from emu.engine.control_registers import CHR_ISE, Processor, write_psr
from emu.engine.exceptions import enter_exception
from emu.isa.ops import CpuException, Vector
from emu.isa.state import SP, Control, CpuState, Psr

TABLE = 0x2400_0000
MEMORY = ChunkMemory({TABLE: bytearray(b"".join((0x1000 + 16 * n).to_bytes(4, "little") for n in range(64)))})


@pytest.fixture
def state() -> CpuState:
    state = CpuState(pc=0x0801_0000, psr=Psr.S | Psr.EE | Psr.IE | Psr.TM, c=1)
    state.control[Control.VBR] = TABLE
    state.r[SP] = 0x5000
    return state


def test_entry_saves_psr_and_pc_and_masks_exceptions(state: CpuState) -> None:
    enter_exception(state, MEMORY, Vector.TRAP2)
    vec = 18 << Psr.VEC_SHIFT
    assert state.pc == 0x1000 + 16 * 18
    assert state.control[Control.EPC] == 0x0801_0000
    assert state.control[Control.EPSR] == Psr.S | Psr.EE | Psr.IE | Psr.TM | vec | Psr.C
    assert state.full_psr == Psr.S | vec | Psr.C


def test_return_undoes_entry(state: CpuState) -> None:
    before = deepcopy(state)
    enter_exception(state, MEMORY, 40)
    assert Processor(state).return_from_exception() == before.pc
    assert state.full_psr == before.full_psr
    assert state.r == before.r


def test_an_exception_while_exceptions_are_masked_is_unrecoverable(state: CpuState) -> None:
    state.psr &= ~Psr.EE
    enter_exception(state, MEMORY, Vector.ACCESS_ERROR)
    assert state.pc == 0x1000 + 16 * Vector.UNRECOVERABLE
    assert Control.EPC not in state.control


def test_an_unreadable_vector_table_changes_nothing(state: CpuState) -> None:
    state.control[Control.VBR] = 0
    before = deepcopy(state)
    with pytest.raises(CpuException) as error:
        enter_exception(state, MEMORY, Vector.TRAP0)
    assert error.value.address == 64
    assert state == before


def test_entry_from_user_mode_switches_to_the_supervisor_stack(state: CpuState) -> None:
    state.control[Control.USER_SP] = 0x7000
    write_psr(state, state.full_psr & ~Psr.S)
    assert state.r[SP] == 0x7000
    enter_exception(state, MEMORY, Vector.TRAP0)
    assert state.r[SP] == 0x5000
    assert Processor(state).read_control(*Control.USER_SP) == 0x7000


def test_interrupts_take_their_own_stack_when_chr_says_so(state: CpuState) -> None:
    state.control |= {Control.CHR: CHR_ISE, Control.INT_SP: 0x9000}
    enter_exception(state, MEMORY, 40)
    assert state.r[SP] == 0x9000
    state.psr |= Psr.EE | Psr.IE
    outer = dict(state.control)
    state.r[SP] -= 8
    enter_exception(state, MEMORY, 41)
    assert state.r[SP] == 0x8FF8
    Processor(state).return_from_exception()
    assert state.r[SP] == 0x8FF8
    state.r[SP] += 8
    state.control |= {register: outer[register] for register in (Control.EPSR, Control.EPC)}
    Processor(state).return_from_exception()
    assert (state.r[SP], state.control[Control.INT_SP]) == (0x5000, 0x9000)


def test_exceptions_stay_on_the_supervisor_stack(state: CpuState) -> None:
    state.control |= {Control.CHR: CHR_ISE, Control.INT_SP: 0x9000}
    enter_exception(state, MEMORY, Vector.TSPEND)
    assert state.r[SP] == 0x5000
    Processor(state).return_from_exception()
    assert state.r[SP] == 0x5000


def test_interrupts_share_the_supervisor_stack_otherwise(state: CpuState) -> None:
    state.control[Control.INT_SP] = 0x9000
    enter_exception(state, MEMORY, 40)
    assert state.r[SP] == 0x5000
