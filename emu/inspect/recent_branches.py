"""The branches taken last, worked out from the blocks executed last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from emu.engine.trail import EXCEPTION, LEFT, MARK
from emu.inspect.program_view import ProgramView
from emu.report.calls import TakenBranch

BRANCHES_SHOWN = 16
BRANCHES_SEARCHED = 512
"""A trail holds at least as many."""


def recent_branches(view: ProgramView, entries: list[tuple[int, int]], pc: int) -> tuple[TakenBranch, ...]:
    """The last different branches before `pc`, the latest last; `entries` are those of a trail."""
    times: dict[TakenBranch, int] = {}  # in the order in which they were taken last
    for branch in [*_branches(view, [*entries, (pc | MARK, EXCEPTION)])][-BRANCHES_SEARCHED:]:
        times[branch] = times.pop(branch, 0) + 1
    return tuple(
        replace(
            branch,
            times=count,
            source_place=view.place(branch.source),
            target_place=view.describe(branch.target) or f"{branch.target:#010x}",
        )
        for branch, count in [*times.items()][-BRANCHES_SHOWN:]
    )


def _branches(view: ProgramView, entries: list[tuple[int, int]]) -> Iterator[TakenBranch]:
    for (first, last), (following, kind) in pairwise(entries):
        target = following & ~MARK
        if first & MARK:
            if last == EXCEPTION:
                yield TakenBranch(first & ~MARK, target, is_exception=True)
        elif not (following & MARK and kind == LEFT) and target != _behind(view, last):
            yield TakenBranch(last, target)


def _behind(view: ProgramView, address: int) -> int:
    instruction = view.instruction(address)
    return address + (instruction.size_bytes if instruction else 0)
