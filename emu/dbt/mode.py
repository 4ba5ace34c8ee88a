"""What translated code depends on besides the guest's instructions."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import cache

from emu.engine.float_unit import Flag
from emu.isa.state import Control, CpuState, Psr

_SPECIAL_FLOAT = 0x0B00_0000 | Flag.ALL
"""FCR: rounding, flushing and enabled exceptions."""

MODE_BITS = Psr.S | Psr.MM
"""Bits of PSR that say in which mode code is translated."""
LEFT_TO_PYTHON = MODE_BITS | Psr.TM | Psr.VEC
"""Bits of PSR that change the mode, end translation, or may change the active stack pointer."""


@dataclass(frozen=True, slots=True)
class Mode:
    """CPU mode bits, and whether floating point is as it is after reset (FCR)."""

    supervisor: bool
    check_alignment: bool
    plain_float: bool = True
    is_watching: bool = False
    """Memory is watched: instructions that make several accesses are left to the interpreter."""

    @property
    def number(self) -> int:
        """Another number for each mode."""
        return sum(bit << place for place, bit in enumerate(astuple(self)))

    @staticmethod
    def of(state: CpuState, *, is_watching: bool = False) -> Mode:
        """The mode that a CPU is in."""
        fcr = state.control.get(Control.FCR, 0) & _SPECIAL_FLOAT
        return _mode(state.psr & MODE_BITS, fcr, is_watching)


@cache
def _mode(psr: int, fcr: int, is_watching: bool) -> Mode:
    """The mode that these bits ask for: always the same object, as each entry of translated code asks."""
    return Mode(bool(psr & Psr.S), not psr & Psr.MM, not fcr, is_watching)
