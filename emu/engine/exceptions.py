"""Exception entry: what the CPU does between the cause and the first instruction of the handler."""

from __future__ import annotations

from emu.engine.control_registers import write_psr
from emu.engine.memory import Memory
from emu.isa.ops import Vector
from emu.isa.state import Control, CpuState, Psr

_INTERRUPT0 = int(Vector.INTERRUPT0)
_CLEARED = Psr.TM | Psr.EE | Psr.IE


def enter_exception(state: CpuState, memory: Memory, vector: int) -> None:
    """Save PSR and pc, switch to supervisor mode with interrupts off, go to the handler of `vector`.

    With PSR.EE clear an exception other than an interrupt is unrecoverable: nothing is saved. Raises
    CpuException if the vector table cannot be read; then nothing has changed.
    """
    psr = state.full_psr
    interrupt = vector >= _INTERRUPT0
    recoverable = psr & Psr.EE or interrupt
    if not recoverable:
        vector = Vector.UNRECOVERABLE
    handler = memory.read(state.control.get(Control.VBR, 0) + 4 * vector, 4)
    with_vector = psr & ~Psr.VEC | vector << Psr.VEC_SHIFT
    if recoverable:
        # GUESS: an interrupt saves the old VEC, so that its return finds the stack it came from (see
        # control_registers). The vendor's simulator has no interrupt stack and saves the new one always.
        state.control[Control.EPSR] = psr if interrupt else with_vector
        state.control[Control.EPC] = state.pc
    write_psr(state, with_vector & ~_CLEARED | Psr.S)
    state.held_conditions, state.conditions = state.conditions, 1
    state.pc = handler & ~1
