"""What the WLAN knows of the world outside: others that hear it, and that it hears."""

from __future__ import annotations

from typing import Protocol


class Air(Protocol):
    """Where frames go; it calls `WlanSecurity.receive` with those of others."""

    def transmit(self, frame: bytes, frequency_mhz: float) -> bool:
        """Send an 802.11 frame without FCS, encrypted as it is on the air; tell whether it was acknowledged.

        A frame to a group is acknowledged by nobody.
        """
        ...


class ShieldedBox:
    """Nobody is there."""

    def transmit(self, frame: bytes, frequency_mhz: float) -> bool:
        """Nobody hears it."""
        return False
