"""Short forward branches without a branch: what they skip is computed anyway, and counts under a mask.

A branch ends a host block, which takes as long as some ten additions, and is often foretold wrongly. Of

    bt L; xor r0, r1; L:

where C lies as NONZERO, there is no branch left, and the block behind it is fallen into:

    sub x27, x29, #1; asr x27, x27, #63     all ones if the `xor` is executed, else 0
    add x30, x30, x27                       it is charged then
    eor w26, w0, w1                         what r0 becomes,
    eor w16, w26, w0; and w17, w16, w27     what changes of it,
    eor w0, w0, w17                         changed
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

from emu.dbt.discovery import Block
from emu.dbt.effects import Effects

MOST_SKIPPED = 3
"""Instructions: more take longer than the branch."""


def skipped_blocks(
    blocks: list[Block],
    entry: int,
    breakpoints: frozenset[int],
    effects: Effects,
    fold: Callable[[int], int | None],
) -> dict[int, Block]:
    """By the start of the block before, the blocks that a branch only skips and that can be masked.

    `fold` gives the number of a literal that does not change.
    """
    ways_in = Counter(target for block in blocks for target in block.successors)
    skipped: dict[int, Block] = {}
    last = -1
    for before, block in pairwise(blocks):
        if (
            before.successors == (block.end, block.start)
            and block.successors == (block.end,)
            and ways_in[block.start] == 1
            and block.start not in breakpoints
            and block.start != entry
            and len(block.instructions) <= MOST_SKIPPED
            and before.start != last
            and effects.can_be_masked(block)
            and all(fold(at) is not None for item in block.instructions for at in effects.literals(item))
        ):
            skipped[before.start] = block
            last = block.start
    return skipped
