"""Where control can leave a range of code: the lines of a program, for who goes on until the next one."""

from __future__ import annotations

from collections.abc import Iterator

from emu.inspect.program_view import LocatedInstruction, ProgramView
from emu.isa.insn import Flow


def range_exits(view: ProgramView, code: range) -> frozenset[int]:
    """The addresses outside that instructions of a range lead to, and those in it that lead to unknown ones.

    The latter are computed jumps, returns, and what changes the state of the CPU. Literals between the
    instructions make some more, which do no harm.
    """
    exits: set[int] = set()
    address = code.start
    while address in code:
        instruction = view.instruction(address)
        if instruction is None or instruction.row is None:
            exits.add(address)
            address += 2 if instruction is None else instruction.size_bytes
            continue
        exits.update(target for target in _targets(instruction) if target not in code or target == address)
        address += instruction.size_bytes
    return frozenset(exits)


def _targets(instruction: LocatedInstruction) -> Iterator[int]:
    """Where an instruction leads to; itself, if that is not known."""
    row, address = instruction.row, instruction.address
    assert row is not None
    if row.flow in (Flow.INDIRECT, Flow.INDIRECT_CALL, Flow.SYSTEM):
        yield address
    if row.flow in (Flow.BRANCH, Flow.CONDITIONAL, Flow.CALL):
        yield row.target(address, row.decode(instruction.word))
    if row.flow is not Flow.BRANCH:
        yield address + instruction.size_bytes
