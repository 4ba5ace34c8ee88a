"""A TCP connection of the device, seen from its peer, and who is behind that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from emu.network.agenda import MS

WAITING: Final = "waiting"
"""The device wants to connect, and nobody has accepted or refused yet."""
OPENING: Final = "opening"
OPEN: Final = "open"
LEAST_SEGMENT_BYTES: Final = 536
RETRY_NS: Final = 500 * MS
MASK: Final = 0xFFFF_FFFF

Key = tuple[bytes, int, bytes, int]
"""Address and port of the device, address and port of the peer."""


@dataclass(slots=True)
class Connection:
    """One connection of the device; plain data."""

    key: Key
    service: str
    """Who is told of what comes."""
    phase: str
    acknowledged: int
    """How far the device has acknowledged what was sent."""
    sent: int
    expected: int
    """The sequence number that the device sends next."""
    window: int = 0
    segment_bytes: int = LEAST_SEGMENT_BYTES
    output: bytes = b""
    """What is to be sent, from `output_at` on: behind `acknowledged`."""
    output_at: int = 0
    has_ended: bool = False
    """Whether a FIN follows the output."""
    has_sent_fin: bool = False
    device_has_ended: bool = False
    lingers: bool = False
    """Whether it is over but for the device, which has not ended."""
    is_timed: bool = False
    """Whether its timer runs."""
    progressed_ns: int = 0
    retry_ns: int = RETRY_NS
    tries: int = 0
    repeated: int = 0
    """Acknowledgements of the same place."""
    memory: dict[str, Any] = field(default_factory=dict)
    """Of the service."""

    @property
    def waiting_bytes(self) -> int:
        """How much of the output the device has not acknowledged yet."""
        return len(self.output) - self.output_at

    def take_acknowledgement(self, number: int) -> bool:
        """Move on to what the device has acknowledged; False: nothing new."""
        step = number - self.acknowledged & MASK
        in_flight = self.sent - self.acknowledged & MASK
        if not 0 < step <= in_flight:
            return False
        self.acknowledged = number
        if self.phase == OPEN:  # else it is the SYN
            self.output_at = min(self.output_at + step, len(self.output))
        return True


class Service(Protocol):
    """Who is behind a port; what it keeps of a connection is in `memory`."""

    def opened(self, connection: Connection) -> None:
        """The connection is open."""

    def received(self, connection: Connection, data: bytes) -> None:
        """The device has sent this."""

    def drained(self, connection: Connection) -> None:
        """The device has acknowledged all that was sent."""

    def ended(self, connection: Connection) -> None:
        """The device sends no more."""

    def vanished(self, connection: Connection) -> None:
        """The connection is no more."""
