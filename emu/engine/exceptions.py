"""Exception entry: what the CPU does between the cause and the first instruction of the handler."""

from __future__ import annotations

from emu.engine.control_registers import write_psr
from emu.engine.memory import Memory
from emu.isa.ops import Vector
from emu.isa.state import Control, CpuState, Psr

_INTERRUPT0 = int(Vector.INTERRUPT0)
_S, _NOT_VEC, _VEC_SHIFT, _KEPT = Psr.S, ~Psr.VEC, Psr.VEC_SHIFT, ~(Psr.TM | Psr.EE | Psr.IE)
_VBR, _EPSR, _EPC = Control.VBR, Control.EPSR, Control.EPC


def enter_exception(state: CpuState, memory: Memory, vector: int) -> None:
    """Save PSR and pc, switch to supervisor mode with interrupts off, go to the handler of `vector`.

    With PSR.EE clear an exception other than an interrupt is unrecoverable: nothing is saved. Raises
    CpuException if the vector table cannot be read; then nothing has changed.
    """
    psr, control = state.psr | state.c, state.control
    interrupt = vector >= _INTERRUPT0
    recoverable = interrupt or psr & Psr.EE
    if not recoverable:
        vector = Vector.UNRECOVERABLE
    handler = memory.read(control.get(_VBR, 0) + 4 * vector, 4)
    with_vector = psr & _NOT_VEC | vector << _VEC_SHIFT
    if recoverable:
        # GUESS: an interrupt saves the old VEC, so that its return finds the stack it came from (see
        # control_registers). The vendor's simulator has no interrupt stack and saves the new one always.
        control[_EPSR] = psr if interrupt else with_vector
        control[_EPC] = state.pc
    write_psr(state, with_vector & _KEPT | _S)
    state.held_conditions, state.conditions = state.conditions, 1
    state.pc = handler & ~1
