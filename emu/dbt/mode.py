"""What translated code depends on besides the guest's instructions."""

from __future__ import annotations

from dataclasses import dataclass

from emu.engine.float_unit import Flag
from emu.isa.state import Control, CpuState, Psr

_SPECIAL_FLOAT = 0x0B00_0000 | Flag.ALL
"""FCR: rounding, flushing and enabled exceptions."""


@dataclass(frozen=True, slots=True)
class Mode:
    """CPU mode bits, and whether floating point is as it is after reset (FCR)."""

    supervisor: bool
    check_alignment: bool
    plain_float: bool = True

    @staticmethod
    def of(state: CpuState) -> Mode:
        """The mode that a CPU is in."""
        return Mode(
            supervisor=bool(state.psr & Psr.S),
            check_alignment=not state.psr & Psr.MM,
            plain_float=not state.control.get(Control.FCR, 0) & _SPECIAL_FLOAT,
        )
