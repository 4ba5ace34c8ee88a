"""What displays on SPI with four wires have in common."""

from __future__ import annotations

from typing import ClassVar

from emu.parts.display import Display
from emu.parts.spi_bus import SpiPart


class SpiDisplay(Display, SpiPart):
    """Takes commands while data_command is low, and their data while it is high; nothing comes back.

    Override `_take_command`, `_take_data` and `_reset`.
    """

    optional_wires: ClassVar[tuple[str, ...]] = ("mosi", "miso", "select", "data_command", "reset")

    def _connect(self) -> None:
        if (wire := self.place.wires.get("reset")) is not None:
            wire.on_change(self._hardware_reset)

    def exchange(self, sent: bytes) -> bytes:
        """Take bytes."""
        wire = self.place.wires.get("data_command")
        if wire is None or wire.level:
            self._take_data(sent)
        else:
            for byte in sent:
                self._take_command(byte)
        return bytes(len(sent))

    def take(self, byte: int) -> None:
        """Take a byte that comes bit by bit."""
        self.exchange(bytes((byte,)))

    def _hardware_reset(self, is_high: bool) -> None:
        if not is_high:
            self._reset()

    def _take_command(self, byte: int) -> None:
        """Take a byte of a command. Override."""

    def _take_data(self, data: bytes) -> None:
        """Take data of the last command. Override."""

    def _reset(self) -> None:
        """Come to the state that the data sheet promises behind a reset. Override."""
