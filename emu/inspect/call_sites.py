"""Calls, found by the address that they return to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emu.inspect.program_view import ProgramView
from emu.isa.insn import Flow
from emu.loader import Symbol


@dataclass(frozen=True, slots=True)
class CallSite:
    """A call instruction."""

    address: int
    target: int | None = None
    """None for a call through a register or a word of memory."""
    register: int | None = None
    """The one that such a call goes through."""
    callee: Symbol | None = None
    """None where the target is not known, or nameless."""

    def leads_to(self, address: int, registers: Mapping[int, int]) -> bool:
        """Whether the call goes to that very address, the registers being what they were at the call."""
        if self.register is not None:
            return registers.get(self.register, -1) & ~1 == address
        return self.target == address


def call_before(view: ProgramView, return_address: int) -> CallSite | None:
    """The call whose next instruction is at `return_address`; None if there is none."""
    if return_address & 1:
        return None
    for size in (4, 2):
        instruction = view.instruction(return_address - size)
        if instruction is None or instruction.size_bytes != size or instruction.row is None:
            continue
        row, address = instruction.row, instruction.address
        operands = row.decode(instruction.word)
        if row.flow is Flow.CALL:
            target = row.target(address, operands)
            return CallSite(address, target, callee=view.symbol(target))
        if row.flow is Flow.INDIRECT_CALL:
            names = [operand.name for operand in row.operands]
            register = operands[names.index("rx")] if "rx" in names else None
            return CallSite(address, register=register)
    return None
