"""What differs between two measurements, by more than the limits allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from emu.regress.compare.limits import Limits
from emu.regress.compare.measurement import Measurement

TIME_STEP_NS: Final = 1_000_000
"""Times may differ by a tick of the usual kernel: one of them came just before it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was. Of texts there are no numbers."""

    kind: str
    """One of `limits.KINDS`."""
    name: str
    before: int | None
    after: int | None
    text: str
    """In words."""
    is_allowed: bool = False
    """Whether the limits let it pass."""


@dataclass(frozen=True, slots=True)
class Report:
    """All differences of two builds."""

    names: tuple[str, str]
    differences: list[Difference]

    @property
    def counting(self) -> list[Difference]:
        """Those that the limits do not let pass; of runs only if there is no cause for them."""
        found = [each for each in self.differences if not each.is_allowed]
        return [each for each in found if each.kind != "run"] or found

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "names": list(self.names),
            "is_different": bool(self.counting),
            "differences": [asdict(each) for each in self.differences],
        }


def compare(one: Measurement, two: Measurement, limits: Limits) -> Report:
    """Compare two measurements of the same scenario."""
    found = [*_texts(one, two), *_numbers(one, two)]
    allowed = [
        Difference(
            *(each.kind, each.name, each.before, each.after, each.text),
            is_allowed=limits.allows(each.kind, each.name, each.before, each.after),
        )
        for each in found
    ]
    told = {(each.kind, each.name) for each in allowed}
    broken = [each for each in _broken_bounds(two, limits) if (each.kind, each.name) not in told]
    return Report((one.name, two.name), [*allowed, *broken])


def _texts(one: Measurement, two: Measurement) -> Iterator[Difference]:
    for uart in sorted(one.lines.keys() | two.lines.keys()):
        before, after = one.lines.get(uart, []), two.lines.get(uart, [])
        for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if tag != "equal":
                old, new = (" / ".join(lines) for lines in (before[a:b], after[c:d]))
                text = (
                    f"{_quoted(old)} → {_quoted(new)}"
                    if old and new
                    else f"{'+' if new else '-'} {_quoted(old or new)}"
                )
                yield Difference("uart", uart, None, None, text)
    for name in sorted(set(one.unmodelled) ^ set(two.unmodelled)):
        is_new = name in two.unmodelled
        text = "is used now" if is_new else "is not used any more"
        yield Difference("unmodelled", name, int(not is_new), int(is_new), text)


def _quoted(text: str) -> str:
    return f"“{text}”"


def _numbers(one: Measurement, two: Measurement) -> Iterator[Difference]:
    yield from _milestones(one, two)
    for name in sorted(one.functions.keys() | two.functions.keys()):
        before, after = one.functions.get(name), two.functions.get(name)
        if before != after:
            is_same = one.code.get(name) == two.code.get(name)  # as is code without a name
            yield _function("run" if is_same else "function", name, before, after)
    yield from _of("size", one.sizes, two.sizes, "bytes")
    yield from _of("stack", one.stacks, two.stacks, "bytes at most")
    if one.heap_low != two.heap_low:
        yield _difference("heap", "least free", one.heap_low, two.heap_low, "bytes")
    yield from _of("flash", one.flash, two.flash, "times")


def _milestones(one: Measurement, two: Measurement) -> Iterator[Difference]:
    """The first that has shifted stands for those behind it that have shifted as much."""
    shift_ns = 0
    common = [name for name in one.milestones if name in two.milestones]
    for name in common:
        before, after = one.milestones[name], two.milestones[name]
        if abs(after - before - shift_ns) > TIME_STEP_NS:
            shift_ns = after - before
            text = f"{before / 1e6:.3f} ms → {after / 1e6:.3f} ms ({shift_ns / 1e6:+.3f} ms)"
            yield Difference("milestone", name, before, after, text)


def _function(
    kind: str, name: str, before: tuple[int, int] | None, after: tuple[int, int] | None
) -> Difference:
    old, new = before or (0, 0), after or (0, 0)
    what = "is called now" if before is None else "is not called any more" if after is None else ""
    calls = f", {old[0]:,} → {new[0]:,} calls" if old[0] != new[0] else ""
    numbers = f"{_change(old[1], new[1])} instructions{calls}"
    return Difference(kind, name, old[1], new[1], f"{what}: {numbers}" if what else numbers)


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


def _broken_bounds(two: Measurement, limits: Limits) -> Iterator[Difference]:
    """Bounds hold also where nothing differs."""
    known: dict[str, Mapping[str, int]] = {
        "size": two.sizes,
        "stack": two.stacks,
        "flash": two.flash,
        "milestone": two.milestones,
        "function": {name: own for name, (_, own) in two.functions.items()},
        "time": {"end": two.time_ns},
        "instructions": {"all": two.executed},
        "heap": {} if two.heap_low is None else {"least free": two.heap_low},
    }
    for rule in limits.bounds():
        for name, value in known.get(rule.kind, {}).items():
            if rule.matches(rule.kind, name) and not limits.allows(rule.kind, name, value, value):
                bound = f"< {rule.below}" if rule.below is not None else f"> {rule.above}"
                yield Difference(rule.kind, name, value, value, f"{value:,} is not {bound}")
