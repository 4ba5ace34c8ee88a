"""Finds what differs between two measurements, whatever the limits say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Final

from emu.regress.compare.difference import Difference
from emu.regress.compare.measurement import Covered, FunctionCounts, Measurement, TimedLine

TIME_STEP_NS: Final = 1_000_000
"""Times may differ by a tick of the usual kernel: one of them came just before it."""
_NOTHING: Final = FunctionCounts(0, 0)
_NO_LINES: Final = Covered(0, 0)


def differing(one: Measurement, two: Measurement) -> Iterator[Difference]:
    """All of it, what follows from other differences last."""
    yield from _messages(one, two)
    yield from _listed("crash", one.crashes, two.crashes)
    yield from _milestones(one.milestones, two.milestones)
    functions = list(_functions(one, two))
    yield from (each for each in functions if each.kind == "function")
    yield from _of("stack", one.stacks, two.stacks, "bytes at most")
    if one.heap_low != two.heap_low:
        yield _difference("heap", "least free", one.heap_low, two.heap_low, "bytes")
    yield from _flash(one, two)
    yield from _of("size", one.sizes, two.sizes, "bytes")
    yield from _listed("unmodelled", one.unmodelled, two.unmodelled)
    yield from (each for each in functions if each.kind == "run")
    yield from _coverage(one.coverage, two.coverage)
    yield from _of("section", one.sections, two.sections, "bytes")
    yield from _of("component", one.components, two.components, "bytes of code")
    if abs(two.time_ns - one.time_ns) > TIME_STEP_NS:
        text = _times(one.time_ns, two.time_ns)
        yield Difference("time", "end", one.time_ns, two.time_ns, text)
    if one.executed != two.executed:
        yield _difference("instructions", "all", one.executed, two.executed, "instructions")


def numbers_of(found: Measurement, kind: str) -> Iterator[tuple[str, int]]:
    """All that a bound of that kind may be about, by name."""
    numbers: dict[str, Mapping[str, int]] = {
        "size": found.sizes,
        "section": found.sections,
        "component": found.components,
        "stack": found.stacks,
        "milestone": found.milestones,
        "function": {name: counts.own for name, counts in found.functions.items()},
        "coverage": {path: lines.all_ - lines.reached for path, lines in found.coverage.items()},
        "flash": {
            f"{kind} in {where}": sum(counts.values())
            for kind in ("erase", "program")
            for where, counts in found.flash_counts(kind).items()
        },
        "wear": {where: max(counts.values()) for where, counts in found.flash_counts("erase").items()},
        "time": {"end": found.time_ns},
        "instructions": {"all": found.executed},
        "heap": {} if found.heap_low is None else {"least free": found.heap_low},
    }
    yield from numbers.get(kind, {}).items()


def _messages(one: Measurement, two: Measurement) -> Iterator[Difference]:
    for uart in sorted(one.lines.keys() | two.lines.keys()):
        before, after = one.lines.get(uart, []), two.lines.get(uart, [])
        for old, new in changed_lines(before, after):
            was, is_ = (" / ".join(line.text for line in lines) for lines in (old, new))
            text = f"“{was}” → “{is_}”" if old and new else f"{'+' if new else '-'} “{was or is_}”"
            at = f" at {(new or old)[0].time_ns / 1e6:.3f} ms"
            yield Difference("uart", uart, None, None, text + at)


def changed_lines(
    one: list[TimedLine], two: list[TimedLine]
) -> Iterator[tuple[list[TimedLine], list[TimedLine]]]:
    """Lines of one that stand for lines of the other."""
    for is_same, old, new in aligned(one, two):
        if not is_same:
            yield old, new


def aligned(
    one: list[TimedLine], two: list[TimedLine]
) -> Iterator[tuple[bool, list[TimedLine], list[TimedLine]]]:
    """Both logs side by side: whether they are the same, and the lines."""
    before, after = ([line.text for line in lines] for lines in (one, two))
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        yield tag == "equal", one[a:b], two[c:d]


def _listed(kind: str, one: list[str], two: list[str]) -> Iterator[Difference]:
    """What comes more or less often."""
    before, after = Counter(one), Counter(two)
    for name in sorted(before.keys() | after.keys()):
        old, new = before[name], after[name]
        if old != new:
            text = f"{old} → {new} times" if old and new else "new" if new else "is gone"
            yield Difference(kind, name, old, new, text)


def _milestones(one: Mapping[str, int], two: Mapping[str, int]) -> Iterator[Difference]:
    """The first that has shifted stands for those behind it that have shifted as much."""
    shift_ns = 0
    for name, before in one.items():
        after = two.get(name)
        if after is not None and abs(after - before - shift_ns) > TIME_STEP_NS:
            shift_ns = after - before
            yield Difference("milestone", name, before, after, _times(before, after))


def _functions(one: Measurement, two: Measurement) -> Iterator[Difference]:
    for name in sorted(one.functions.keys() | two.functions.keys()):
        before, after = one.functions.get(name), two.functions.get(name)
        if before != after:
            is_same = one.code.get(name) == two.code.get(name)  # as is code without a name
            yield _function("run" if is_same else "function", name, before, after)


def _function(
    kind: str, name: str, before: FunctionCounts | None, after: FunctionCounts | None
) -> Difference:
    old, new = before or _NOTHING, after or _NOTHING
    what = "is called now: " if before is None else "is not called any more: " if after is None else ""
    calls = f", {old.calls:,} → {new.calls:,} calls" if old.calls != new.calls else ""
    text = f"{what}{_change(old.own, new.own)} instructions{calls}"
    return Difference(kind, name, old.own, new.own, text)


def _flash(one: Measurement, two: Measurement) -> Iterator[Difference]:
    """By partition, with the sectors that have changed."""
    for kind in ("erase", "program"):
        before, after = one.flash_counts(kind), two.flash_counts(kind)
        for where in sorted(before.keys() | after.keys()):
            old, new = before.get(where, {}), after.get(where, {})
            if old != new:
                sums = sum(old.values()), sum(new.values())
                text = f"{_change(*sums)} times{_sectors(old, new)}"
                yield Difference("flash", f"{kind} in {where}", *sums, text)
    worn, worn_now = (dict(numbers_of(each, "wear")) for each in (one, two))
    yield from _of("wear", worn, worn_now, "erases of the sector that is erased most")


def _sectors(old: dict[int, int], new: dict[int, int]) -> str:
    changed = [
        f"{offset:#x}: {old.get(offset, 0)} → {new.get(offset, 0)}"
        for offset in sorted(old.keys() | new.keys())
        if old.get(offset) != new.get(offset)
    ]
    more = f", and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
    return f" ({', '.join(changed[:_SHOWN])}{more})"


_SHOWN: Final = 4


def _coverage(one: Mapping[str, Covered], two: Mapping[str, Covered]) -> Iterator[Difference]:
    """Numbers are those of lines that were not reached."""
    for path in sorted(one.keys() | two.keys()):
        before, after = one.get(path, _NO_LINES), two.get(path, _NO_LINES)
        missed = before.all_ - before.reached, after.all_ - after.reached
        if missed[0] != missed[1]:
            text = f"{before.reached} of {before.all_} → {after.reached} of {after.all_} lines reached"
            yield Difference("coverage", path, *missed, text)


def _of(kind: str, one: Mapping[str, int], two: Mapping[str, int], unit: str) -> Iterator[Difference]:
    for name in sorted(one.keys() | two.keys()):
        if one.get(name) != two.get(name):
            yield _difference(kind, name, one.get(name), two.get(name), unit)


def _difference(kind: str, name: str, before: int | None, after: int | None, unit: str) -> Difference:
    return Difference(kind, name, before, after, f"{_change(before, after)} {unit}")


def _change(before: int | None, after: int | None) -> str:
    if before is None or after is None:
        old, new = ("none" if number is None else f"{number:,}" for number in (before, after))
        return f"{old} → {new}"
    percent = f" ({100 * (after - before) / before:+.1f} %)" if before else ""
    return f"{before:,} → {after:,}{percent}"


def _times(before_ns: int, after_ns: int) -> str:
    shift = (after_ns - before_ns) / 1e6
    return f"{before_ns / 1e6:.3f} ms → {after_ns / 1e6:.3f} ms ({shift:+.3f} ms)"
