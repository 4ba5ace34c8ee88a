"""The branches taken last, worked out from the flow of control."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from emu.engine.flow import ADDRESS, AT, CUT, ELSEWHERE, FALLS, ends_line
from emu.inspect.program_view import ProgramView
from emu.report.calls import TakenBranch

BRANCHES_SHOWN = 16
BRANCHES_SEARCHED = 512
"""A flow holds at least as many."""


def recent_branches(view: ProgramView, entries: Sequence[int], pc: int) -> tuple[TakenBranch, ...]:
    """The last different branches before `pc`, the latest last; `entries` are those of a flow."""
    times: dict[TakenBranch, int] = {}  # in the order in which they were taken last
    known = [entry for entry in entries if entry != ELSEWHERE]
    for branch in [*_branches(view, [*known, pc])][-BRANCHES_SEARCHED:]:
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


def _branches(view: ProgramView, entries: Sequence[int]) -> Iterator[TakenBranch]:
    for entry, following in pairwise(entries):
        source, target = entry & ADDRESS, following & ADDRESS
        if entry & (AT | CUT):
            if source != target:
                yield TakenBranch(source, target, is_exception=True)
        elif not entry & FALLS and not following & CUT:
            last, behind = _line(view, source)
            if target != behind:
                yield TakenBranch(last, target)


def _line(view: ProgramView, start: int) -> tuple[int, int]:
    """The last instruction of straight code, and the address behind it."""
    address = start
    while (found := view.instruction(address)) and not ends_line(found.row):
        address += found.size_bytes
    return address, address + (found.size_bytes if found else 0)
