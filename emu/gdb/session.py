"""What one client has agreed with us, and the packet under way."""

from __future__ import annotations

from emu.gdb.motions import Motion
from emu.gdb.target import Target


class Session:
    """The conversation with one client."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.is_without_acks = False
        self.features: frozenset[str] = frozenset()
        """What the client says it understands."""
        self.motion: Motion | None = None
        """How the target goes on; None: it has stopped."""
        self.has_ended = False
        """Whether the client has said goodbye."""
        self.has_killed = False
        """Whether it wants the machine to end, too."""
