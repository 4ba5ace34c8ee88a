"""A comparison as text."""

from __future__ import annotations

from collections.abc import Iterator

from emu.trace.diff.comparison import CALLEES, Comparison, FlashChange, FunctionChange
from emu.trace.diff.divergence import Divergence, Side


def lines_of(comparison: Comparison) -> Iterator[str]:
    """The lines to print."""
    if not comparison.is_different:
        yield "no difference"
        return
    for letter, name, executed in zip("AB", comparison.names, comparison.executed, strict=True):
        yield f"{letter}: {name}, {executed:,} instructions"
    for divergence in comparison.divergences:
        yield from _divergence(divergence)
    own = [each for each in comparison.functions if each.kind != CALLEES]
    if own:
        yield ""
        yield f"functions: {'calls':>20} {'own instructions':>36} {'with what they call':>36}"
        for each in own:
            yield from _function(each)
    others = [title(each) for each in comparison.functions if each.kind == CALLEES]
    if others:
        yield ""
        yield f"only what they call has changed: {', '.join(others)}"
    if comparison.flash:
        yield ""
        yield "flash operations:"
        yield from map(_flash, comparison.flash)


def title(change: FunctionChange) -> str:
    """What a function is called in a report."""
    return f"{change.name} (in handlers)" if change.in_handler else change.name


def change_of(before: int, after: int) -> str:
    """`1,000 → 1,100 (+10.0 %)`, or a number that has not changed."""
    if before == after:
        return f"{before:,}"
    percent = f" ({100 * (after - before) / before:+.1f} %)" if before else ""
    return f"{before:,} → {after:,}{percent}"


def _divergence(divergence: Divergence) -> Iterator[str]:
    yield ""
    yield f"first other {divergence.what} of {divergence.context}:"
    for letter, side in zip("AB", (divergence.before, divergence.after), strict=True):
        yield f"  {letter}: {way_of(side)}"
    for letter, side in zip("AB", (divergence.before, divergence.after), strict=True):
        if letter == "A" or side.at.stack != divergence.before.at.stack:
            yield f"  {letter} in: {' > '.join(side.at.stack)}"
        if letter == "A" or side.at.calls_before != divergence.before.at.calls_before:
            yield f"  {letter} latest calls: {', '.join(side.at.calls_before)}"


def way_of(side: Side) -> str:
    """When, from where, where to."""
    way = f"{side.leaves or 'the beginning'} → {side.goes_to}"
    return f"{side.at.time_ns / 1e6:.6f} ms, {way}{f', {side.source}' if side.source else ''}"


def _function(change: FunctionChange) -> Iterator[str]:
    calls, own, total = (change_of(*each) for each in zip(change.before, change.after, strict=True))
    yield f"  {change.kind:<8} {title(change)}"
    yield f"  {calls:>29} {own:>36} {total:>36}"


def _flash(change: FlashChange) -> str:
    times = ", ".join(f"{ns / 1e6:.6f}" for ns in (change.after_ns or change.before_ns))
    number = change_of(len(change.before_ns), len(change.after_ns))
    return f"  {change.operation}: {number} times, at {times} ms"
