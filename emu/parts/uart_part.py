"""Parts at a serial port."""

from __future__ import annotations

from emu.parts.part import Part


class UartPart(Part):
    """Something that talks over a UART: override `receive`, and call `send`."""

    bus = "uart"

    def receive(self, byte: int) -> None:
        """Take a byte that the firmware has sent, when it is out."""

    def send(self, data: bytes) -> None:
        """Send to the firmware at the pace of the line."""
        if self.is_attached:
            self.place.send(data)
