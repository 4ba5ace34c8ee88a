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
    is_polled: bool = False
    """Whether it has asked for one, asleep."""
    tries: int = 0
    handshake: Handshake | None = None
    packet_number: int = 0
    heard_packet_number: int = 0

    def push(self, frame: bytes) -> bool:
        """Queue a frame; False, and it is lost, if there are too many."""
        if len(self.queue) >= MOST_QUEUED:
            return False
        self.queue.append(frame)
        return True

    @classmethod
    def of(cls, tree: dict[str, Any]) -> Station:
        """The station of `asdict`."""
        handshake = tree["handshake"]
        own = {"queue": list(tree["queue"]), "handshake": handshake and Handshake(**handshake)}
        return cls(**{**tree, **own})
