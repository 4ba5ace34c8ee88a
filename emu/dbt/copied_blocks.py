"""Blocks that a forward branch leads to are translated once more behind it, so that no branch is left.

A branch ends a host block, whether or not it goes to a place that is known. Of the loop

        br test
    body:
        addi r0, 1
    test:
        ld.b r1, (r0)
        bnez r1, body

the `br` becomes another `ld.b` and `bnez`, behind which a branch leads to what is behind the loop: it is
executed only if the loop is not. The host code of such a block belongs to the same instructions; others come
to the one at its place.
"""

from __future__ import annotations

from emu.dbt.discovery import MAX_INSTRUCTIONS, Block
from emu.isa.insn import Flow

MOST_COPIED = 8
"""Instructions of a block: in longer ones, the branch counts for little."""


def copied_blocks(blocks: list[Block], breakpoints: frozenset[int]) -> dict[int, Block]:
    """By the start of the block that branches, the blocks that are to be copied behind it."""
    room = MAX_INSTRUCTIONS - sum(len(block.instructions) for block in blocks)
    starting = {block.start: block for block in blocks}
    copied: dict[int, Block] = {}
    for block in blocks:
        last = block.instructions[-1]
        if last.insn is None or last.insn.flow is not Flow.BRANCH:
            continue
        target = starting.get(block.successors[0])
        if target is None or target.start <= last.pc or target.start in breakpoints:
            continue
        if len(target.instructions) <= min(room, MOST_COPIED):
            room -= len(target.instructions)
            copied[block.start] = target
    return copied
