"""What has become of a device that was started again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """In a word."""

    GOOD = "good"
    BRICK = "brick"
    """The mask ROM waits for a download."""
    RESET_LOOP = "reset loop"
    CRASH = "crash"
    HANG = "hang"
    """What the check waits for does not come."""
    BROKEN = "broken"
    """The device works, and something that has to hold does not."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a device has come out of a power cut."""

    verdict: Verdict
    detail: str = ""
    """One line: what is wrong."""
    uart: str = ""
    """What UART 0 has sent since the start; only of those that are not good."""
    merged: bool = False
    """Whether the run came to a state that another one had been in, and ended as that one."""

    shortened: bool = False
    """Whether the run left out a part that another one had done alike."""

    def __str__(self) -> str:
        return self.verdict.value + (f": {self.detail}" if self.detail else "")

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "verdict": self.verdict.value,
            "detail": self.detail,
            "uart": self.uart,
            "merged": self.merged,
            "shortened": self.shortened,
        }
