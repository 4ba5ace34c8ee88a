"""Exception entry: what the CPU does between the cause and the first instruction of the handler."""

from __future__ import annotations

from emu.isa.control_registers import write_psr
from emu.isa.memory import Memory
from emu.isa.ops import Vector
from emu.isa.state import Control, CpuState, Psr


def enter_exception(state: CpuState, memory: Memory, vector: int) -> None:
    """Save PSR and pc, switch to supervisor mode with interrupts off, go to the handler of `vector`.

    The saved PSR carries the new VEC as well. With PSR.EE clear an exception other than an interrupt is
    unrecoverable: nothing is saved. Raises CpuException if the vector table cannot be read; then nothing
    has changed.
    """
    psr = state.full_psr
    recoverable = psr & Psr.EE or vector >= Vector.INTERRUPT0
    if not recoverable:
        vector = Vector.UNRECOVERABLE
    handler = memory.read(state.control.get(Control.VBR, 0) + 4 * vector, 4)
    saved = psr & ~Psr.VEC | vector << Psr.VEC_SHIFT
    if recoverable:
        state.control[Control.EPSR] = saved
        state.control[Control.EPC] = state.pc
    write_psr(state, saved & ~(Psr.TM | Psr.EE | Psr.IE) | Psr.S)
    state.pc = handler & ~1
