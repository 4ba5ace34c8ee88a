"""Finds the first of some builds, in their order, that is bad."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from emu.machine import MachineError

Build = TypeVar("Build")
Reason = str
"""Why a build is bad; empty: it is good."""


def first_bad(
    builds: Sequence[Build],
    judge: Callable[[Build], Reason],
    told: Callable[[Build, Reason], object] = lambda build, reason: None,
) -> tuple[Build, Reason]:
    """The first bad one, where the first of all is good and the last is bad; `told` hears each judgement.

    MachineError if the last one is good. The first one is not judged.
    """

    def judged(number: int) -> Reason:
        reason = judge(builds[number])
        told(builds[number], reason)
        return reason

    good, bad = 0, len(builds) - 1
    if bad < 1:
        raise MachineError("bisect: needs at least two builds: a good one first, a bad one last")
    reason = judged(bad)
    if not reason:
        raise MachineError("bisect: the last build is as good as the first one")
    while bad - good > 1:
        middle = (good + bad) // 2
        if found := judged(middle):
            bad, reason = middle, found
        else:
            good = middle
    return builds[bad], reason
