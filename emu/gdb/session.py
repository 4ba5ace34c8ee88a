"""What one client has agreed with us, and the packet under way."""

from __future__ import annotations

from collections.abc import Callable

from emu.gdb.monitor import Monitor
from emu.gdb.motions import Motion
from emu.gdb.target import Target


class Session:
    """The conversation with one client."""

    def __init__(self, target: Target, monitor: Monitor, show: Callable[[str], None]) -> None:
        """`show` prints lines on the client's console, which it takes while the target goes on."""
        self.target = target
        self.monitor = monitor
        self.show = show
        self.is_without_acks = False
        self.features: frozenset[str] = frozenset()
        """What the client says it understands."""
        self.thread = 0
        """The one whose registers the client looks at; 0: that which runs."""
        self.motion: Motion | None = None
        """How the target goes on; None: it has stopped."""
        self.notes: list[str] = []
        """Lines for the user that have to wait until the target goes on."""
        self.is_extended = False
        """Whether the client goes on with a machine that has ended, or begins anew."""
        self.has_ended = False
        """Whether the client has said goodbye."""
        self.has_killed = False
        """Whether it wants the machine to end, too."""
