"""The CPU state that instructions read and write, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field

MASK32 = 0xFFFF_FFFF
SP = 14
LINK = 15


class Psr:
    """Bit masks of the processor status register cr<0,0> (CK804 manual; core_804.h)."""

    C = 1 << 0
    AF = 1 << 1
    FE = 1 << 4
    IE = 1 << 6
    IC = 1 << 7
    EE = 1 << 8
    MM = 1 << 9
    TM = 3 << 14
    VEC_SHIFT = 16
    VEC = 0xFF << 16
    S = 1 << 31
    DELIVERY = IE | EE
    """Both are needed for an interrupt, and for tspend (XuanTie QEMU, cskycpu_need_respond_interrupts)."""
    RESET = 0x8000_0000


class Control:
    """Control register numbers (index, bank)."""

    PSR = (0, 0)
    VBR = (1, 0)
    EPSR = (2, 0)
    FPSR = (3, 0)
    EPC = (4, 0)
    FPC = (5, 0)
    CPUID = (13, 0)
    CHR = (31, 0)
    USER_SP = (14, 1)
    INT_SP = (15, 1)
    FCR = (1, 2)
    FESR = (2, 2)
    SCRATCH = tuple((index, 0) for index in range(6, 11))
    """SS0-SS4."""
    PLAIN = (*SCRATCH, VBR, EPSR, EPC)
    """Those that do nothing by themselves."""


@dataclass(slots=True)
class CpuState:
    """r[0..31] (r14 = the active stack pointer), pc, the C bit, and the control registers.

    `psr` holds every PSR bit except C, which lives in `c`; `full_psr` joins them. `control` maps
    (index, bank) to the value of the other control registers. Behind `sce`, `conditions` has a bit for each
    of the next instructions, the next one lowest, that says whether it is executed; a 1 above ends them.
    `held_conditions` are those of the code that an exception has interrupted.
    """

    r: list[int] = field(default_factory=lambda: [0] * 32)
    pc: int = 0
    c: int = 0
    psr: int = Psr.RESET
    control: dict[tuple[int, int], int] = field(default_factory=dict)
    fr: list[int] = field(default_factory=lambda: [0] * 16)
    conditions: int = 1
    held_conditions: int = 1

    def reset(self, pc: int) -> None:
        """Be as after a reset, about to execute at `pc`; nobody relies on the registers."""
        self.r[:] = [0] * 32
        self.fr[:] = [0] * 16
        self.control.clear()
        self.full_psr = Psr.RESET
        self.conditions = self.held_conditions = 1
        self.pc = pc

    @property
    def full_psr(self) -> int:
        """PSR as `mfcr` reads it."""
        return self.psr & ~Psr.C | self.c

    @full_psr.setter
    def full_psr(self, value: int) -> None:
        self.psr = value & ~Psr.C
        self.c = value & Psr.C
