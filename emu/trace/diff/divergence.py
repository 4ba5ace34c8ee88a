"""Where tasks and handlers of two runs part: by the functions they come to, and by their ways in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from emu.trace.diff.jumps import Jump, Jumps, Way
from emu.trace.diff.limits import Limits
from emu.trace.diff.run import Moment, Run
from emu.trace.flow import Counts

_LEFT_OUT = -1


@dataclass(frozen=True, slots=True)
class Side:
    """One of two runs."""

    leaves: str
    """Position in a function: of the instruction executed last; empty at the beginning."""
    goes_to: str
    source: str
    """Line of the source there; empty if unknown."""
    at: Moment


@dataclass(frozen=True, slots=True)
class Divergence:
    """A task, or a handler, does something else for the first time."""

    what: str
    """`call`: it comes to another function; `way`: to another place in one."""
    context: str
    in_handler: bool
    before: Side
    after: Side


class _Level(NamedTuple):
    """What is compared of jumps."""

    what: str
    kinds: Counts
    """Of each jump, by its number: those of the same kind are equal; or _LEFT_OUT."""


def divergences(one: Run, two: Run, jumps: Jumps, limits: Limits) -> list[Divergence]:
    """The first of each context, in the order of the first run's time; those of handlers last.

    A way that only goes on where the other one ends does not diverge: traces end somewhere.
    """
    levels = _levels(jumps.all, limits)
    found = [
        divergence
        for context in one.ways.keys() & two.ways.keys()
        if limits.handlers or one.contexts[context] >= 0
        for divergence in _of_context(one, two, context, jumps, levels)
    ]
    return sorted(found, key=lambda each: (each.in_handler, each.before.at.time_ns, each.context))


def _levels(jumps: Sequence[Jump], limits: Limits) -> tuple[_Level, _Level]:
    calls: dict[tuple[str, str], int] = {}
    levels = _Level("call", np.full(len(jumps), _LEFT_OUT)), _Level("way", np.arange(len(jumps)))
    for number, (source, target) in enumerate(jumps):
        names = (source.function if source else "", target.function)
        if any(map(limits.ignores, names)):
            levels[1].kinds[number] = _LEFT_OUT
        elif names[0] != names[1]:
            levels[0].kinds[number] = calls.setdefault(names, len(calls))
    return levels


def _of_context(
    one: Run, two: Run, context: str, jumps: Jumps, levels: tuple[_Level, _Level]
) -> Iterator[Divergence]:
    known = None
    for what, kinds in levels:
        ways = [run.ways[context].only(kinds != _LEFT_OUT) for run in (one, two)]
        index = _first_difference(*(kinds[way.numbers] for way in ways))
        if index is None:
            continue
        before, after = (
            _side(run, context, way, index, jumps) for run, way in zip((one, two), ways, strict=True)
        )
        if (before, after) != known:
            known = before, after
            yield Divergence(what, context, one.contexts[context] < 0, before, after)


def _first_difference(one: Counts, two: Counts) -> int | None:
    both = min(len(one), len(two))
    differs = one[:both] != two[:both]
    return int(differs.argmax()) if differs.any() else None


def _side(run: Run, context: str, way: Way, index: int, jumps: Jumps) -> Side:
    number = int(way.numbers[index])
    source, target = jumps.all[number]
    moment = run.moment(context, int(way.elapsed[index]))
    return Side(str(source or ""), str(target), run.source_line(number, target.offset), moment)
