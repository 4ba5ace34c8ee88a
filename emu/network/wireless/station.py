"""`Station`: what an access point knows of one that is with it; plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from emu.network.wireless.authenticator import Handshake

MOST_QUEUED = 128


@dataclass(slots=True)
class Station:
    """One that has authenticated itself."""

    address: bytes
    association: int = 0
    """Its association id; 0: not associated yet."""
    is_open: bool = False
    """Whether its data goes through."""
    is_dozing: bool = False
    has_qos: bool = False
    queue: list[bytes] = field(default_factory=list)
    """Frames for it, headers included, not ciphered yet."""
    is_sending: bool = False
    """Whether the first of them is to be sent anyhow."""
    is_leaving: bool = False
    """Whether it has been thrown out, and all that is in its queue is to tell it."""
    is_polled: bool = False
    """Whether it has asked for one, asleep."""
    tries: int = 0
    handshake: Handshake | None = None
    packet_number: int = 0
    heard_packet_number: int = 0

    @property
    def protects_management(self) -> bool:
        """Whether management frames between the two are ciphered now."""
        return self.is_open and self.handshake is not None and self.handshake.protects_management

    def push(self, frame: bytes) -> bool:
        """Queue a frame; False, and it is lost, if there are too many."""
        if len(self.queue) >= MOST_QUEUED:
            return False
        self.queue.append(frame)
        return True

    def leave(self, farewell: bytes) -> None:
        """Let nothing of it through any more, and have only this frame wait for it."""
        self.is_open, self.is_leaving, self.handshake = False, True, None
        self.queue = [farewell]

    @classmethod
    def of(cls, tree: dict[str, Any]) -> Station:
        """The station of `asdict`."""
        handshake = tree["handshake"]
        own = {"queue": list(tree["queue"]), "handshake": handshake and Handshake(**handshake)}
        return cls(**{**tree, **own})
