"""SPI: parts with a select wire, and the bus that carries bytes to the selected one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from emu.parts.part import Part, Place

NOBODY = 0x00
"""What comes in where nobody sends: README_EN.md of examples/peripheral/spi_master (wm_iot_sdk)."""


class SpiPart(Part):
    """A slave. Subclasses override `reply` and `take`, or `exchange`, and perhaps `select` and `deselect`.

    Without a select wire it is selected all the time.
    """

    clock_modes: ClassVar[tuple[int, ...]] = (0, 3)
    """The modes that it takes: most read at rising edges, whatever the level between bytes is."""

    bus = "spi"
    wires: ClassVar[tuple[str, ...]] = ("sck",)
    optional_wires: ClassVar[tuple[str, ...]] = ("mosi", "miso", "select")

    @property
    def is_selected(self) -> bool:
        """Whether its select wire is low."""
        wire = self.place.wires.get("select")
        return wire is None or not wire.level

    def reply(self) -> int:
        """Give the byte that goes out while the next one comes in."""
        return NOBODY

    def take(self, byte: int) -> None:
        """Take a byte that has come in."""

    def exchange(self, sent: bytes) -> bytes:
        """Take bytes and give as many; override where there is no need to look at each."""
        answer = bytearray()
        for byte in sent:
            answer.append(self.reply())
            self.take(byte)
        return bytes(answer)

    def select(self) -> None:
        """Begin: the select wire has become low."""

    def deselect(self) -> None:
        """End: the select wire has become high."""

    def attach(self, place: Place) -> None:
        """Be put on a board, with a resistor that keeps the part from being selected."""
        super().attach(place)
        if (wire := place.wires.get("select")) is not None:
            wire.pull(True)  # as on modules: nobody is selected while the firmware starts
            wire.on_change(self._selection_changed)

    def _selection_changed(self, is_high: bool) -> None:
        if is_high:
            self.deselect()
        else:
            self.select()


class SpiBus:
    """Carries bytes between a master and those of its `members` that are selected."""

    def __init__(
        self, members: Callable[[], Iterable[SpiPart]], clock_mode: Callable[[], int] = lambda: 0
    ) -> None:
        """`clock_mode` tells that of the master."""
        self.on_conflict: Callable[[str], None] = lambda text: None
        self._members = members
        self._clock_mode = clock_mode

    def exchange(self, sent: bytes) -> bytes:
        """Let bytes pass, and give what comes back."""
        mode = self._clock_mode()
        answers = [
            (part, part.exchange(sent) if mode in part.clock_modes else self._exchange_late(part, sent, mode))
            for part in self._members()
            if part.is_selected
        ]
        if len(answers) == 1:
            return answers[0][1]
        if not answers:
            return bytes([NOBODY]) * len(sent)
        names = " and ".join(part.name for part, _ in answers)
        self.on_conflict(f"{names} are selected at the same time, and answer over each other")
        whole = 0
        for _, answer in answers:
            whole |= int.from_bytes(answer, "little")
        return whole.to_bytes(len(sent), "little")

    def _exchange_late(self, part: SpiPart, sent: bytes, mode: int) -> bytes:
        """Have both ends read while the other changes its bit: each sees the bit before."""
        takes = " and ".join(map(str, part.clock_modes))
        self.on_conflict(
            f"{part.name}: it takes SPI mode {takes}, and the master is in {mode}: bits come too late"
        )
        return _late(part.exchange(_late(sent)))


def _late(data: bytes) -> bytes:
    """The bits with a 1 before them, and without the last."""
    bits = 8 * len(data)
    return ((1 << bits | int.from_bytes(data, "big")) >> 1).to_bytes(len(data), "big")
