"""An SD card's wires in SD mode: the bus carries commands and blocks between the card and its host."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from emu.parts.part import Part
from emu.parts.spi_bus import SpiBus
from peripherals.sd_wires import NothingConnected


class SdPart(Part):
    """A card: override all that a host can do to it, as `SdWires` says."""

    bus = "sd"
    wires: ClassVar[tuple[str, ...]] = ("clk", "cmd", "dat0")
    optional_wires: ClassVar[tuple[str, ...]] = ("dat1", "dat2", "dat3")

    @property
    def has_four_lines(self) -> bool:
        """Whether all of its data wires lead somewhere."""
        wires = self.place.wires
        return "dat0" not in wires or all(role in wires for role in ("dat1", "dat2", "dat3"))

    def command(self, frame: bytes) -> bytes:
        """Take the 6 bytes of a command; gives the response, or nothing."""
        return b""

    def read(self, size_bytes: int, lines: int) -> bytes:
        """Give a block; nothing: none begins."""
        return b""

    def write(self, data: bytes, lines: int) -> int:
        """Take a block; gives the CRC status."""
        return 0b111

    def busy_ns(self) -> int:
        """How much longer it holds DAT0 low."""
        return 0


class SdBus(NothingConnected):
    """Connects the host with the card that is there; in SPI mode with the parts on `spi`."""

    def __init__(self, members: Callable[[], Iterable[SdPart]], spi: SpiBus) -> None:
        self.on_conflict: Callable[[str], None] = lambda text: None
        self._members = members
        self._spi = spi

    def command(self, frame: bytes) -> bytes:
        """Pass it on."""
        card = self._card()
        return card.command(frame) if card is not None else b""

    def read(self, size_bytes: int, lines: int) -> bytes:
        """Fetch a block."""
        card = self._card()
        return card.read(size_bytes, lines) if card is not None else b""

    def write(self, data: bytes, lines: int) -> int:
        """Pass a block on."""
        card = self._card()
        return card.write(data, lines) if card is not None else 0b111

    def busy_ns(self) -> int:
        """Ask the card."""
        card = self._card()
        return card.busy_ns() if card is not None else 0

    def exchange(self, sent: bytes) -> bytes:
        """Let bytes pass in SPI mode."""
        return self._spi.exchange(sent)

    def _card(self) -> SdPart | None:
        cards = list(self._members())
        if len(cards) > 1:
            names = " and ".join(card.name for card in cards)
            self.on_conflict(f"{names} are at the same wires: a host has one card, and sees the first")
        return cards[0] if cards else None
