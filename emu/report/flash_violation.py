"""An operation on the flash, or a read of it, that would go wrong on a chip, or wear it out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from emu.report.calls import Frame
from emu.report.data import Reported
from emu.report.phrases import after, place
from emu.report.whereabouts import CALLERS_SHOWN, context


class FlashRule(StrEnum):
    """What firmware should not do; the values are what people read."""

    BITS_STAY_0 = "programming cannot set bits"
    NOT_ERASED = "programs bytes that are not erased"
    RUNNING_IMAGE = "changes the image that is running"
    OUTSIDE_PARTITION = "leaves the partitions that are its own"
    WEAR = "wears a sector out"
    READ_WHILE_ERASED = "reads what is being erased"


@dataclass(frozen=True, slots=True)
class FlashViolation(Reported):
    """A broken rule: what was done, where in the flash, and who did it. Names are empty if unknown."""

    rule: FlashRule
    detail: str
    offset: int
    """From the start of the flash; of the first byte that matters."""
    partition: str
    time_ns: int
    pc: int
    """Of the instruction that started the operation, or that read; mostly in the driver."""
    location: str = ""
    """Symbol and offset of pc."""
    line: str = ""
    """`file:line` of pc."""
    callers: tuple[Frame, ...] = ()
    """Who had called it, innermost first."""
    handlers: tuple[int, ...] = ()
    """Vectors of the exceptions and interrupts being handled, the innermost last."""
    task: str = ""
    """Of FreeRTOS."""

    @property
    def text(self) -> str:
        """One line."""
        named = (
            f"{self.offset:#08x} in partition {self.partition}" if self.partition else f"{self.offset:#08x}"
        )
        names = (frame.name or f"{frame.address:#010x}" for frame in self.callers[:CALLERS_SHOWN])
        parts = [
            f"flash {named}: {self.rule.value}: {self.detail}",
            place(self.pc, self.location, self.line),
            f"called from {' < '.join(names)}" if self.callers else "",
            (where := context(self.handlers, self.task)) and f"in {where}",
            after(self.time_ns),
        ]
        return ", ".join(part for part in parts if part)

    def __str__(self) -> str:
        return self.text
