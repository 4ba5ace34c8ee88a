"""Why a run of the core ends."""

from __future__ import annotations

from enum import Enum, auto


class CoreStop(Enum):
    """Why `Core.run` came back."""

    LIMIT = auto()
    """A limit given was reached."""
    STEPPED = auto()
    """`step` has executed its instruction."""
    STOPPED = auto()
    """Somebody called `stop`."""
    BREAKPOINT = auto()
    """pc is in the breakpoint set; the next run executes that instruction first."""
    SLEEPING = auto()
    """In low power with no alarm ahead: only input from outside, or a time limit, could end it."""
    WATCHED = auto()
    """An instruction has made an access for which `on_access` wants the run to end; it is done."""
    LOCKED_UP = auto()
    """Exception upon exception: the handler cannot be reached, or fails at its first instruction."""
