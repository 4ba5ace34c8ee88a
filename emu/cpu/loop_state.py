"""What the run loop remembers, and where a run of it ends, as plain data."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

_MOST_HANDLERS = 64


@dataclass(slots=True)
class LoopState:
    """The core's part of a snapshot beside registers and engine; a reset makes it anew.

    Times called "elapsed" are in what the engine counts as that.
    """

    handlers: deque[int] = field(default_factory=lambda: deque(maxlen=_MOST_HANDLERS))
    """The vectors whose handlers have not returned; some never do, such as those that fail themselves."""
    is_sleeping: bool = False
    sleep_until_ns: int = 0
    last_wait: tuple[int, ...] = ()
    """Where the last low-power instruction was, and the registers at it."""
    is_halted: bool = False
    slice_end: int | None = None
    """Elapsed; None: between slices."""
    held_until: int = 0
    """Elapsed; no interrupt is delivered before."""
    reported_at: int | None = None
    """The breakpoint that a run ended at last: it is not reported again before it is executed."""
    last_fault_at: int = -1
    """Instructions executed then."""

    def enter(self, vector: int) -> None:
        """Begin a handler."""
        self.handlers.append(vector)
        self.last_wait = ()

    def leave(self) -> int | None:
        """End the one that began last, and give its vector; None if there is none."""
        return self.handlers.pop() if self.handlers else None


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a run ends, at the first check point at or behind one of them; None: no such limit."""

    time_ns: int | None = None
    """On the virtual clock."""
    elapsed: int | None = None
    """In what the engine counts as elapsed."""
