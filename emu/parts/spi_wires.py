"""SPI as levels on nets, for masters that make it with a program."""

from __future__ import annotations

from typing import Any

from emu.parts.net import Wire
from emu.parts.spi_bus import SpiPart


class SpiWires:
    """Reads bits of a selected part's nets at one edge of SCK, and puts its own out at the other.

    In modes 0 and 3 it reads at rising ones, in 1 and 2 at falling ones.
    """

    def __init__(self, part: SpiPart) -> None:
        wires = part.place.wires
        self._part = part
        self._mosi: Wire | None = wires.get("mosi")
        self._miso: Wire | None = wires.get("miso")
        self._reads_at_high = bool({0, 3} & set(part.clock_modes))
        self._byte = self._bits = 0
        self._reply: int | None = None  # None: not asked for yet
        wires["sck"].on_change(self._clock)
        if (select := wires.get("select")) is not None:
            select.on_change(self._select)

    def _select(self, is_high: bool) -> None:
        self._byte = self._bits = 0
        self._reply = None
        if is_high and self._miso is not None:
            self._miso.drive(None)
        elif not is_high:
            self._put_bit()

    def _clock(self, is_high: bool) -> None:
        if not self._part.is_selected:
            return
        if is_high is not self._reads_at_high:
            self._put_bit()
            return
        self._byte = self._byte << 1 | (self._mosi is not None and self._mosi.level)
        self._bits += 1
        if self._bits == 8:
            if self._reply is None:
                self._part.reply()
            self._part.take(self._byte)
            self._byte = self._bits = 0
            self._reply = None

    def _put_bit(self) -> None:
        if self._miso is None:
            return
        if self._reply is None:
            self._reply = self._part.reply()
        self._miso.drive(bool(self._reply >> 7 - self._bits & 1))

    def save(self) -> dict[str, Any]:
        """Take a snapshot."""
        return {"byte": self._byte, "bits": self._bits, "reply": self._reply}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot."""
        self._byte, self._bits, self._reply = snapshot["byte"], snapshot["bits"], snapshot["reply"]
