"""The branches taken last, worked out from the blocks executed last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from emu.engine.trail import EXCEPTION, LEFT, MARK
from emu.machine.program_view import ProgramView

BRANCHES_SHOWN = 16
BRANCHES_SEARCHED = 512
"""A trail holds at least as many."""


@dataclass(frozen=True, slots=True)
class TakenBranch:
    """A branch, call, return, or the entry of an exception or interrupt."""

    source: int
    target: int
    is_exception: bool = False
    times: int = 1
    """Among those searched."""
    source_place: str = ""
    """The address with symbol and line, as far as known."""
    target_place: str = ""
    """Symbol and offset, or the address."""

    def __str__(self) -> str:
        arrow = "=> exception" if self.is_exception else "->"
        repeated = f" ({self.times} times)" if self.times > 1 else ""
        return f"  {self.source_place} {arrow} {self.target_place}{repeated}"


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
