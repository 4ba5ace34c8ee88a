"""What a flash device tells its observers: every change of its array, before and after it happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Phase(Enum):
    """When an observer is called: before, nothing has changed yet; after, the operation is complete."""

    BEFORE = "before"
    AFTER = "after"


class OperationKind(Enum):
    """What changes the memory array."""

    PROGRAM = "program"
    ERASE = "erase"


@dataclass(frozen=True, slots=True)
class FlashOperation:
    """One change of the memory array.

    `time_ns` is when it starts (`Phase.BEFORE`), or when the device is ready again (`Phase.AFTER`).
    """

    kind: OperationKind
    phase: Phase
    offset: int
    size_bytes: int
    time_ns: int


class PowerCut(Exception):  # noqa: N818 - an event, not a mistake
    """Raised by an observer to take the supply away at an operation.

    Operations are atomic: raised before, the array is untouched; raised after, the operation is complete.
    """


def cut_power_at(observers: list[Callable[[FlashOperation], object]], number: int, phase: Phase) -> None:
    """Have an observer raise PowerCut at the operation of that number, counted from 1 and from now on."""
    left = number

    def count(operation: FlashOperation) -> None:
        nonlocal left
        left -= operation.phase is phase
        if left == 0:
            observers.remove(count)
            raise PowerCut

    observers.append(count)
