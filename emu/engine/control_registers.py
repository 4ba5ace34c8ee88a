"""The control registers: PSR with its stack pointer banks, and the hooks for what a chip adds."""

from __future__ import annotations

from emu.isa.ops import LowPower, Vector
from emu.isa.state import SP, Control, CpuState, Psr

VBR_MASK = 0xFFFF_FC00  # the vector table is 1 KiB aligned
CHR_ISE = 1 << 14  # interrupts have their own stack pointer
_C, _NOT_C, _S = Psr.C, ~Psr.C, Psr.S
_CHR, _USER_SP, _INT_SP = Control.CHR, Control.USER_SP, Control.INT_SP  # names: entries and returns ask
_IS_INTERRUPT = Psr.VEC & ~(Vector.INTERRUPT0 - 1 << Psr.VEC_SHIFT)
_CHOOSES_STACK = _S | _IS_INTERRUPT
SUPERVISOR_SP = (-1, 1)  # no control register: where supervisor r14 rests while another stack is active


def write_psr(state: CpuState, value: int) -> None:
    """Replace PSR; r14 is exchanged when another stack pointer becomes the active one."""
    before = state.psr
    state.psr, state.c = value & _NOT_C, value & _C
    if (before ^ value) & _CHOOSES_STACK:
        chr_ = state.control.get(_CHR, 0)
        _switch_stack(state, _active_stack(before, chr_), _active_stack(value, chr_))


def _active_stack(psr: int, chr_: int) -> tuple[int, int]:
    # GUESS: PSR.VEC decides, so an exception inside an interrupt handler goes back to the supervisor stack;
    # the vendor's QEMU has this rule, commented out, in helper_choose_sp.
    if not psr & _S:
        return _USER_SP
    return _INT_SP if psr & _IS_INTERRUPT and chr_ & CHR_ISE else SUPERVISOR_SP


def _switch_stack(state: CpuState, before: tuple[int, int], after: tuple[int, int]) -> None:
    if after != before:
        state.control[before] = state.r[SP]
        state.r[SP] = state.control.get(after, 0)


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
        """Write cr<index, bank>. Writing the bank of the active stack pointer does not change r14."""
        register = (index, bank)
        if register == Control.PSR:
            write_psr(self.state, value)
        elif register == Control.VBR:
            self.state.control[register] = value & VBR_MASK
        elif register == Control.CHR:
            psr, before = self.state.psr, self.state.control.get(register, 0)
            self.state.control[register] = value
            _switch_stack(self.state, _active_stack(psr, before), _active_stack(psr, value))
        elif register != Control.CPUID:
            self.state.control[register] = value

    def return_from_exception(self) -> int:
        """Restore PSR from EPSR; give the pc to go on at. A chip also tells its interrupt controller."""
        state = self.state
        pc = state.control.get(Control.EPC, 0)
        write_psr(state, state.control.get(Control.EPSR, 0))
        state.conditions = state.held_conditions
        return pc & ~1

    def low_power(self, mode: LowPower) -> None:
        """Stop the clock until an interrupt arrives. Without a chip around, none does: go on."""
