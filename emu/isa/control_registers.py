"""The control registers: PSR with its stack pointer banks, and the hooks for what a chip adds."""

from __future__ import annotations

from emu.isa.ops import LowPower
from emu.isa.state import SP, Control, CpuState, Psr

VBR_MASK = 0xFFFF_FC00  # the vector table is 1 KiB aligned


def write_psr(state: CpuState, value: int) -> None:
    """Replace PSR; when S changes, r14 is exchanged with the stack pointer of the other mode."""
    if (value ^ state.psr) & Psr.S:
        state.r[SP], state.control[Control.USER_SP] = state.control.get(Control.USER_SP, 0), state.r[SP]
    state.full_psr = value


class Processor:
    """Control registers as the instruction set defines them; a chip's CPU overrides what it adds."""

    def __init__(self, state: CpuState) -> None:
        self.state = state

    def read_control(self, index: int, bank: int) -> int:
        """Read cr<index, bank>; one that does not exist reads 0."""
        if (index, bank) == Control.PSR:
            return self.state.full_psr
        return self.state.control.get((index, bank), 0)

    def write_control(self, index: int, bank: int, value: int) -> None:
        """Write cr<index, bank>."""
        if (index, bank) == Control.PSR:
            write_psr(self.state, value)
        elif (index, bank) == Control.VBR:
            self.state.control[Control.VBR] = value & VBR_MASK
        else:
            self.state.control[index, bank] = value

    def return_from_exception(self) -> int:
        """Restore PSR from EPSR; give the pc to go on at. A chip also tells its interrupt controller."""
        pc = self.state.control.get(Control.EPC, 0)
        write_psr(self.state, self.state.control.get(Control.EPSR, 0))
        return pc & ~1

    def low_power(self, mode: LowPower) -> None:
        """Stop the clock until an interrupt arrives. Without a chip around, none does: go on."""
