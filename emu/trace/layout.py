"""The records in the chunks of a trace."""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import Final

CODE: Final = struct.Struct("<QII")
"""Entries before it, address, size in bytes, which follow. Until then others, or none, were known."""
TIME: Final = struct.Struct("<QQQQ")
"""From elapsed E on: nanoseconds N at E, and A nanoseconds for B more elapsed: N + (elapsed - E) * A // B."""
EVENT: Final = struct.Struct("<QQQIII")
"""Entries before it, elapsed, virtual time in nanoseconds, kind, and two words."""


SEEN: Final = struct.Struct("<BIH")
"""Kind, address, size in bytes of the code, which follows."""


class SeenKind(IntEnum):
    """What coverage tells of code."""

    EXECUTED = 0
    """All of its instructions were executed."""
    PASSED = 1
    """The conditional branch has gone on behind itself."""
    TAKEN = 2
    """It has gone to its target."""
    NAME = 3
    """No code: the name of the test that has executed what follows."""


class EventKind(IntEnum):
    """What has happened, and what the two words of it mean."""

    EXCEPTION = 0
    """An exception or interrupt is taken: vector, control block of the task that was running, or 0."""
    RESET = 1
    """The chip was reset: number of the cause in `ResetCause`."""
    UART = 2
    """A byte was sent: number of the UART, byte."""
    PROGRAM = 3
    """The flash was programmed: offset, size in bytes."""
    ERASE = 4
    """The flash was erased: offset, size in bytes."""
