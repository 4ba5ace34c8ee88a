"""What differs between two measurements, by more than the limits allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from emu.regress.compare.difference import CONSEQUENCES, Difference
from emu.regress.compare.differing import differing, numbers_of
from emu.regress.compare.limits import Limits
from emu.regress.compare.measurement import Measurement


@dataclass(frozen=True, slots=True)
class Report:
    """All differences of two builds."""

    before: Measurement
    after: Measurement
    differences: list[Difference]

    @property
    def names(self) -> tuple[str, str]:
        """Those of the builds."""
        return self.before.name, self.after.name

    @property
    def counting(self) -> list[Difference]:
        """Those that the limits do not let pass; what follows only if there is no cause at all for it."""
        found = [each for each in self.differences if not each.is_allowed]
        has_cause = not all(each.is_consequence for each in self.differences)
        return [each for each in found if not (has_cause and each.is_consequence)]

    @property
    def consequences(self) -> list[Difference]:
        """What follows from those that count."""
        counting = self.counting
        return [each for each in self.differences if each.is_consequence and each not in counting]

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "names": list(self.names),
            "is_different": bool(self.counting),
            "time_ns": [self.before.time_ns, self.after.time_ns],
            "instructions": [self.before.executed, self.after.executed],
            "differences": [asdict(each) for each in self.differences],
        }


def compare(one: Measurement, two: Measurement, limits: Limits) -> Report:
    """Compare two measurements of the same scenario."""
    found = [_judged(each, limits) for each in differing(one, two)]
    told = {(each.kind, each.name) for each in found}
    broken = (each for each in _broken_bounds(two, limits) if (each.kind, each.name) not in told)
    return Report(one, two, [*found, *broken])


def _judged(difference: Difference, limits: Limits) -> Difference:
    kind, name = difference.kind, difference.name
    is_told_of = limits.tell_of(kind, name)
    return replace(
        difference,
        is_allowed=limits.allows(kind, name, difference.before, difference.after),
        is_consequence=kind in CONSEQUENCES and not is_told_of,
    )


def _broken_bounds(two: Measurement, limits: Limits) -> Iterator[Difference]:
    """Bounds hold also where nothing differs."""
    for rule in limits.bounds():
        for name, value in numbers_of(two, rule.kind):
            if rule.matches(rule.kind, name) and not limits.allows(rule.kind, name, value, value):
                bound = f"< {rule.below}" if rule.below is not None else f"> {rule.above}"
                yield Difference(rule.kind, name, value, value, f"{value:,} is not {bound}")
