"""I2C: parts with an address, and the bus that carries bytes to them. Source: NXP UM10204, chapter 3."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from emu.parts.part import Part
from emu.parts.setting import Setting

PULLED_UP = 0xFF
"""What is read where nobody sends."""


class I2cPart(Part):
    """A slave: override `begin`, `write`, `read` and `end`, of which each is a byte or a condition."""

    bus = "i2c"
    wires: ClassVar[tuple[str, ...]] = ("scl", "sda")
    address: Setting[int] = Setting(0x00, "its 7 bits, without the one for reading", within=(0, 0x7F))

    stretched_ns = 0
    """How long it holds the clock: see `stretch`."""

    def stretch(self, duration_ns: int) -> None:
        """Hold the clock low for so long before the bits to come: called from `begin`, `write` or `read`."""
        self.stretched_ns = duration_ns

    def answers(self, address: int) -> bool:
        """Whether the address is the part's. Override in parts with several."""
        return address == self.address

    def begin(self, address: int, *, is_read: bool) -> bool:
        """Be addressed, in one direction; False: it is busy, and does not acknowledge."""
        return True

    def write(self, byte: int) -> bool:
        """Take a byte; False: it is not acknowledged."""
        return False

    def read(self) -> int:
        """Give the next byte."""
        return PULLED_UP

    def end(self) -> None:
        """See the stop; a start that comes without one is seen by those whom it addresses, as `begin`."""


class I2cBus:
    """Carries what a master does to those of its `members` that are addressed: the other end of `I2c`."""

    def __init__(self, members: Callable[[], Iterable[I2cPart]]) -> None:
        self.is_read = False
        """Which way bytes go behind the address."""
        self._members = members
        self._addressed: list[I2cPart] = []
        self._is_address_next = False

    def start(self) -> None:
        """Begin, or begin again without a stop."""
        self._addressed = []
        self._is_address_next = True

    def write(self, byte: int) -> bool:
        """Take the address or a byte of data; True if somebody acknowledges it."""
        if not self._is_address_next:
            acknowledged = False
            for part in self._addressed:
                acknowledged = part.write(byte) or acknowledged
            return acknowledged
        self._is_address_next = False
        self.is_read = is_read = bool(byte & 1)
        address = byte >> 1
        self._addressed = [
            part for part in self._members() if part.answers(address) and part.begin(address, is_read=is_read)
        ]
        return bool(self._addressed)

    def read(self, *, is_acknowledged: bool) -> int:
        """Give the next byte of those addressed; a 0 of one is stronger than a 1 of another."""
        byte = PULLED_UP
        for part in self._addressed:
            byte &= part.read()
        return byte

    def stretch_ns(self) -> int:
        """How long those addressed hold the clock low from now on; it tells once."""
        longest = 0
        for part in self._addressed:
            if part.stretched_ns:
                longest = max(longest, part.stretched_ns)
                part.stretched_ns = 0
        return longest

    def stop(self) -> None:
        """End."""
        for part in self._addressed:
            part.end()
        self._addressed = []
        self._is_address_next = False

    def save(self) -> dict[str, Any]:
        """Take a snapshot."""
        addressed = [part.name for part in self._addressed]
        return {"is_read": self.is_read, "addressed": addressed, "is_address_next": self._is_address_next}

    def restore(self, snapshot: dict[str, Any], parts: Callable[[str], Part]) -> None:
        """Go back to a snapshot; `parts` finds one by its name."""
        self.is_read, self._is_address_next = snapshot["is_read"], snapshot["is_address_next"]
        found = [parts(name) for name in snapshot["addressed"]]
        self._addressed = [part for part in found if isinstance(part, I2cPart)]
