"""Where the power is cut, by a name that stays the same: `206-after`, `206-amid-bits/3-before`."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from emu.loader import LoadError
from emu.regress.powercut.story import FlashState, StoryOperation
from emu.regress.powercut.torn import NAMES, TornWrite, torn_writes
from peripherals.flash_operation import FlashOperation, OperationKind

_FORM: Final = re.compile(rf"(\d+)-(before|after|amid-({'|'.join(NAMES)}))")


@dataclass(frozen=True, slots=True, order=True)
class Cut:
    """At an operation, counted from 1 on, of the story or of what came after an earlier cut."""

    number: int
    point: str
    """`before`, `after`, or `amid-` and the name of a torn write."""
    earlier: Cut | None = None

    def __str__(self) -> str:
        own = f"{self.number}-{self.point}"
        return own if self.earlier is None else f"{self.earlier}/{own}"

    @classmethod
    def parse(cls, text: str) -> Cut:
        """A cut by its name; LoadError for what is none."""
        cut = None
        for part in text.split("/"):
            if (found := _FORM.fullmatch(part)) is None or not int(found[1]):
                points = ", ".join(f"amid-{name}" for name in NAMES)
                raise LoadError(f"{text!r} is no power cut: NUMBER-POINT, with before, after, {points}")
            cut = cls(int(found[1]), found[2], cut)
        assert cut is not None
        return cut


@dataclass(frozen=True, slots=True)
class Left:
    """What a cut leaves."""

    cut: Cut
    state: FlashState
    torn: TornWrite | None = None
    operation: StoryOperation | None = None
    """That which was torn."""

    def redrawn(self, start: int) -> tuple[int, bytes]:
        """Where it was torn, and what that reads as after the reset of that number."""
        assert self.torn is not None
        assert self.operation is not None
        old, new = self.operation.contents
        return self.operation.place.offset, self.torn.leaves(
            old, new, random.Random(f"{self.cut} start {start}")
        )

    @property
    def torn_range(self) -> range:
        """Offsets of what was torn."""
        assert self.operation is not None
        place = self.operation.place
        return range(place.offset, place.offset + place.size_bytes)

    def is_touched_by(self, operation: FlashOperation) -> bool:
        """Whether an operation is where it was torn."""
        torn = self.torn_range
        return operation.offset < torn.stop and torn.start < operation.offset + operation.size_bytes


def cuts_of(
    operations: Sequence[StoryOperation], models: frozenset[str], earlier: Cut | None = None, seed: int = 0
) -> Iterator[Left]:
    """All cuts of some operations, in their order; what changes nothing cannot be left half done."""
    for one in operations:
        number, (old, new) = one.place.number, one.contents
        yield Left(Cut(number, "before", earlier), one.before)
        for torn in torn_writes(OperationKind(one.place.kind), models) if old != new else ():
            cut = Cut(number, f"amid-{torn.name}", earlier)
            left = torn.leaves(old, new, random.Random(f"{cut} seed {seed}"))
            yield Left(cut, one.before.replaced(one.place.offset, left), torn, one)
        yield Left(Cut(number, "after", earlier), one.after)
