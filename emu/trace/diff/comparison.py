"""The differences of two runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from emu.trace.diff.call_counts import FunctionKey
from emu.trace.diff.divergence import Divergence, divergences
from emu.trace.diff.jumps import Jumps
from emu.trace.diff.limits import NO_LIMITS, Limits
from emu.trace.diff.run import FlashOperation, FunctionCounts, Run
from emu.trace.trace import Trace

NOTHING: Final = FunctionCounts(0, 0, 0)
CALLEES: Final = "callees"


@dataclass(frozen=True, slots=True)
class FunctionChange:
    """A function that was not executed alike."""

    name: str
    in_handler: bool
    before: FunctionCounts
    after: FunctionCounts

    @property
    def kind(self) -> str:
        """In a word; for CALLEES nothing but what it calls has changed."""
        if self.before == NOTHING:
            return "added"
        if self.after == NOTHING:
            return "gone"
        return "changed" if self.before[:2] != self.after[:2] else CALLEES


@dataclass(frozen=True, slots=True)
class FlashChange:
    """A flash operation that only one of the runs has made, or more often."""

    operation: FlashOperation
    before_ns: list[int]
    """When each of them came."""
    after_ns: list[int]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What of two runs differs by more than the limits allow."""

    names: tuple[str, str]
    executed: tuple[int, int]
    divergences: list[Divergence]
    """In the order of their times in the first run; those of handlers last."""
    functions: list[FunctionChange]
    """Those with the greatest changes of their own first."""
    flash: list[FlashChange]

    @property
    def is_different(self) -> bool:
        """Whether anything is."""
        return bool(self.divergences or self.functions or self.flash)

    def to_dict(self) -> dict[str, Any]:
        """As plain data, for JSON."""
        functions = [
            {
                "name": each.name,
                "in_handler": each.in_handler,
                "kind": each.kind,
                "before": each.before._asdict(),
                "after": each.after._asdict(),
            }
            for each in self.functions
        ]
        flash = [
            {**each.operation._asdict(), "before_ns": each.before_ns, "after_ns": each.after_ns}
            for each in self.flash
        ]
        return {
            "is_different": self.is_different,
            "names": list(self.names),
            "executed": list(self.executed),
            "divergences": [asdict(each) for each in self.divergences],
            "functions": functions,
            "flash": flash,
        }


def compare(first: Trace, second: Trace, limits: Limits = NO_LIMITS) -> Comparison:
    """Compare two traces."""
    jumps = Jumps()
    one, two = Run(first, jumps), Run(second, jumps)
    return Comparison(
        (first.path.name, second.path.name),
        (one.executed, two.executed),
        [] if limits.below_percent else divergences(one, two, jumps, limits),
        _functions(one, two, limits),
        _flash(one, two) if limits.flash else [],
    )


def _functions(one: Run, two: Run, limits: Limits) -> list[FunctionChange]:
    changes = []
    for name, in_handler in one.functions.keys() | two.functions.keys():
        key = FunctionKey(name, in_handler)
        before, after = one.functions.get(key, NOTHING), two.functions.get(key, NOTHING)
        if limits.ignores(name) or (in_handler and not limits.handlers):
            continue
        if any(limits.is_change(*counts) for counts in zip(before, after, strict=True)):
            changes.append(FunctionChange(name, in_handler, before, after))
    return sorted(changes, key=_rank)


def _rank(change: FunctionChange) -> tuple[bool, int, str, bool]:
    more = abs(change.after.own - change.before.own)
    return change.kind == CALLEES, -more, change.name, change.in_handler


def _flash(one: Run, two: Run) -> list[FlashChange]:
    operations = sorted(one.flash.keys() | two.flash.keys(), key=lambda each: (each.offset, each.kind))
    changes = (FlashChange(each, one.flash.get(each, []), two.flash.get(each, [])) for each in operations)
    return [each for each in changes if len(each.before_ns) != len(each.after_ns)]
