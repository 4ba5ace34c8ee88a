"""What the code of a block tells of what a register holds: enough to leave a test out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_IMMEDIATE: Final = 0xFFFF << 5  # of MOVZ and MOVK


def is_never_zero(code: Sequence[int], register: int) -> bool:
    """Whether Wn is not 0 behind this straight code, by the last instruction that may have written it.

    All that the emitter uses write the register in their bits 4..0, if any.
    """
    last = next((word for word in reversed(code) if word & 31 == register), 0)
    match last & 0xFF80_0000:
        case 0x5280_0000 | 0x7280_0000:  # MOVZ, MOVK
            return bool(last & _IMMEDIATE)
        case 0x1280_0000 | 0x3200_0000:  # MOVN; ORR with a mask, which is never 0
            return True
    return False
