"""The wire between the access points and the router: it takes time, and may lose packets."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Final

from emu.network.agenda import US, Agenda

LATENCY_NS: Final = 500 * US


class Wire:
    """Carries Ethernet frames up to the router and down to the access points, with their faults.

    `observe` is told of each frame that arrives, and whether it came from a device.
    """

    def __init__(self, agenda: Agenda, up: Callable[[bytes], None], down: Callable[[bytes], None]) -> None:
        self.observe: Callable[[bytes, bool], None] = lambda frame, is_from_device: None
        self.latency_ns = LATENCY_NS
        self.lost_share = 0.0
        """How many of the frames are lost, 0 to 1."""
        self.seed = 0
        self._counted = 0
        self._up, self._down = up, down
        self._at_top = agenda.handler("wire.up", self._arrive_above)
        self._at_bottom = agenda.handler("wire.down", self.arrive_below)

    def send_up(self, frame: bytes) -> None:
        """Carry a frame of a device."""
        if not self._is_lost():
            self._at_top(self.latency_ns, frame)

    def send_down(self, frame: bytes) -> None:
        """Carry a frame for devices."""
        if not self._is_lost():
            self._at_bottom(self.latency_ns, frame)

    def _is_lost(self) -> bool:
        if not self.lost_share:
            return False
        self._counted += 1
        drawn = hashlib.sha256(b"%d %d" % (self.seed, self._counted)).digest()
        return int.from_bytes(drawn[:4], "big") < self.lost_share * (1 << 32)

    def _arrive_above(self, frame: bytes) -> None:
        self.observe(frame, True)
        self._up(frame)

    def arrive_below(self, frame: bytes) -> None:
        """Have a frame for devices there."""
        self.observe(frame, False)
        self._down(frame)

    def save(self) -> dict[str, Any]:
        """Take a snapshot as plain data."""
        fault = {"latency_ns": self.latency_ns, "lost_share": self.lost_share, "seed": self.seed}
        return {**fault, "counted": self._counted}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot."""
        self.latency_ns, self.lost_share = snapshot["latency_ns"], snapshot["lost_share"]
        self.seed, self._counted = snapshot["seed"], snapshot["counted"]
