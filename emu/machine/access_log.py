"""What the firmware has done with hardware that has no model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from emu.report.data import Reported


@dataclass(slots=True)
class UnmodelledUse(Reported):
    """All uses of one register or field; what is known of the first."""

    detail: str
    """What was done, such as `write 0x3`."""
    pc: int
    location: str
    """Symbol and offset of pc at that time; empty if unknown."""
    count: int = 0

    def __str__(self) -> str:
        place = f"{self.pc:#010x} ({self.location})" if self.location else f"{self.pc:#010x}"
        often = "once" if self.count == 1 else f"{self.count} times, first"
        return f"{often} {self.detail} at {place}"


class UnmodelledLog:
    """Counts by name, and keeps what the first use of each name was."""

    def __init__(self) -> None:
        self.uses: dict[str, UnmodelledUse] = {}
        """By block.register[.field], in the order of their first uses."""
        self.locate: Callable[[], tuple[int, str]] = lambda: (0, "")
        """Gives address and location of the instruction being executed."""

    def unmodelled(self, name: str, detail: str) -> None:
        """Take a report: `name` is block.register[.field], `detail` what was done."""
        use = self.uses.get(name)
        if use is None:
            use = self.uses[name] = UnmodelledUse(detail, *self.locate())
        use.count += 1
