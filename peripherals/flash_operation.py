"""What a flash device tells its observers: every change of its array, before and after it happens."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Phase(Enum):
    """When an observer is called: before, nothing has changed yet; after, the operation is complete."""

    BEFORE = "before"
    AFTER = "after"


class OperationKind(Enum):
    """What changes the memory array."""

    PROGRAM = "program"
    ERASE = "erase"


class FlashOperation(NamedTuple):
    """One change of the memory array.

    `time_ns` is when it starts (`Phase.BEFORE`), or when the device is ready again (`Phase.AFTER`).
    """

    kind: OperationKind
    phase: Phase
    offset: int
    size_bytes: int
    time_ns: int
    wanted: bytes = b""
    """Of a program: the page as the command wants it, with ones where it says nothing."""


class PowerCut(Exception):  # noqa: N818 - an event, not a mistake
    """Raised by an observer to take the supply away at an operation.

    Operations are atomic: raised before, the array is untouched; raised after, the operation is complete.
    """
