"""What translated code depends on besides the guest's instructions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from emu.engine.float_unit import Flag
from emu.isa.state import Control, CpuState, Psr

_SPECIAL_FLOAT = 0x0B00_0000 | Flag.ALL
"""FCR: rounding, flushing and enabled exceptions."""

LEFT_TO_PYTHON = Psr.S | Psr.MM | Psr.TM | Psr.VEC
"""Bits of PSR that change the mode, end translation, or may change the active stack pointer."""


@dataclass(frozen=True, slots=True)
class Mode:
    """CPU mode bits, and whether floating point is as it is after reset (FCR)."""

    supervisor: bool
    check_alignment: bool
    plain_float: bool = True

    @staticmethod
    def of(state: CpuState) -> Mode:
        """The mode that a CPU is in."""
        return _mode(state.psr & (Psr.S | Psr.MM), state.control.get(Control.FCR, 0) & _SPECIAL_FLOAT)


@cache
def _mode(psr: int, fcr: int) -> Mode:
    """The mode that these bits ask for: always the same object, as each entry of translated code asks."""
    return Mode(supervisor=bool(psr & Psr.S), check_alignment=not psr & Psr.MM, plain_float=not fcr)
