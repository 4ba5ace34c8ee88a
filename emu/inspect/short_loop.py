"""Recognises firmware that goes round in a few instructions: a wait for a flag, or the end of the road."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from emu.inspect.program_view import LocatedInstruction, ProgramView
from emu.isa.insn import Flow
from emu.isa.state import SP, CpuState
from emu.report.calls import ShortLoop

MOST_INSTRUCTIONS: Final = 12
"""Of a loop that is called short: reading a flag, masking, comparing, counting down."""
_LOOKED_AT: Final = 48
"""Instructions at most, on all ways from the first."""


def find_short_loop(view: ProgramView, pc: int, state: CpuState) -> ShortLoop | None:
    """The shortest loop through `pc`; None if it is not in one."""
    way_to: dict[int, tuple[LocatedInstruction, ...]] = {pc: ()}
    pending = [pc]
    loop: tuple[LocatedInstruction, ...] | None = None
    while pending and len(way_to) <= _LOOKED_AT:
        address = pending.pop(0)
        instruction = view.instruction(address)
        if instruction is None:
            continue
        way = (*way_to[address], instruction)
        for successor in _successors(instruction):
            if successor == pc and loop is None and len(way) <= MOST_INSTRUCTIONS:
                loop = way
            if successor not in way_to:
                way_to[successor] = way
                pending.append(successor)
    if loop is None:
        return None
    is_endless = way_to.keys() == {instruction.address for instruction in loop}
    return ShortLoop(len(loop), is_endless, _address_read(loop, state))


def _successors(instruction: LocatedInstruction) -> tuple[int, ...]:
    """Where control goes on inside the function; nothing for calls and returns."""
    row, behind = instruction.row, instruction.address + instruction.size_bytes
    if row is None:
        return ()
    match row.flow:
        case Flow.NEXT | Flow.SYSTEM:
            return (behind,) if row.returns else ()
        case Flow.BRANCH | Flow.CONDITIONAL:
            target = row.target(instruction.address, row.decode(instruction.word))
            return (target,) if row.flow is Flow.BRANCH else (behind, target)
    return ()


def _address_read(loop: tuple[LocatedInstruction, ...], state: CpuState) -> int | None:
    """What a loop with one load reads; its base register still holds what it held the last time."""
    found = [fields for fields in map(_load, loop) if fields is not None]
    if len(found) != 1:
        return None
    base = state.r[found[0].get("rx", SP)]
    return base + found[0]["offset"] & 0xFFFF_FFFF


def _load(instruction: LocatedInstruction) -> Mapping[str, int] | None:
    row = instruction.row
    if row is None or not row.mnemonic.startswith("ld."):
        return None
    names = (operand.name for operand in row.operands)
    fields = dict(zip(names, row.decode(instruction.word), strict=True))
    return fields if "offset" in fields else None
