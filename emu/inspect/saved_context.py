"""The registers of a task that does not run, as the SDK's task switch leaves them on its stack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from emu.inspect.program_view import ProgramView
from emu.isa.ops import Vector
from emu.isa.state import LINK, SP, Psr

REGISTERS: Final = (*range(14), LINK)
"""In the order of their words; EPSR and EPC follow (tspend_handler in cpu_task_sw.S)."""
FRAME_BYTES: Final = 4 * (len(REGISTERS) + 2)
_FURTHER_BYTES: Final = (64, 64)
BYTES_BELOW: Final = (128, 64, 0)
"""What fr0-fr15 and r16-r31 take below the others: the SDK can be configured to save each or not."""
_ALWAYS: Final = Psr.IE | Psr.EE
_PERHAPS: Final = Psr.S | Psr.MM | Psr.IC | Psr.C
_VECTORS: Final = (0, Vector.TSPEND)
"""Of a task that has not run yet, and of all others."""


@dataclass(frozen=True, slots=True)
class SavedContext:
    """Where a task goes on; `r` holds r0 to r15; r16 to r31, and all of `fr`, if they were saved."""

    pc: int
    r: dict[int, int]
    psr: int
    fr: dict[int, int] = field(default_factory=dict)


def find_saved_context(view: ProgramView, top: int) -> SavedContext | None:
    """The context at the top of a stack, if one form of it makes sense.

    A task is left only with interrupts enabled, by the exception tspend: that tells the forms apart.
    """
    for below in BYTES_BELOW:
        frame = top + below
        words = [view.number(frame + offset) for offset in range(0, FRAME_BYTES, 4)]
        numbers = [word for word in words if word is not None]
        if len(numbers) < len(words):
            continue
        *general, psr, pc = numbers
        instruction = view.instruction(pc)
        is_code = not pc & 1 and instruction is not None and instruction.row is not None
        vector, others = (psr & Psr.VEC) >> Psr.VEC_SHIFT, psr & ~(Psr.VEC | _PERHAPS)
        if is_code and others == _ALWAYS and vector in _VECTORS:
            r = dict(zip(REGISTERS, general, strict=True)) | {SP: frame + FRAME_BYTES}
            fr, high = _further(view, top) if below == sum(_FURTHER_BYTES) else ({}, {})
            return SavedContext(pc, r | high, psr, fr)
    return None


def _further(view: ProgramView, top: int) -> tuple[dict[int, int], dict[int, int]]:
    """What is below the others where all is saved: fr0 to fr15, then r16 to r31 (w800.gdb)."""
    words = [view.number(top + offset) or 0 for offset in range(0, sum(_FURTHER_BYTES), 4)]
    return dict(enumerate(words[:16])), dict(enumerate(words[16:], start=16))
