"""What an SD memory card is, however it is connected: its blocks, and the registers that describe it.

Source: SD Association, Physical Layer Simplified Specification 6.0, chapter 5, and 4.3.10 for functions.
"""

from __future__ import annotations

from typing import ClassVar, Final

from emu.parts.memory import Memory
from emu.parts.part import Part, stimulus
from emu.parts.setting import Quantity, Setting
from peripherals.sd_wires import crc7

BLOCK: Final = 512
POLLS_TO_START: Final = 3
"""How often a host asks until the card has started."""
VOLTAGES: Final = 0x00FF_8000
HIGH_CAPACITY: Final = 1 << 30
STARTED: Final = 1 << 31
"""Bits of the OCR."""


class SdStorage(Part):
    """A card in a socket: it comes and goes by `inserted`, which pulls the socket's `detect` wire low."""

    optional_wires: ClassVar[tuple[str, ...]] = ("detect",)
    saved_state: ClassVar[tuple[str, ...]] = ("contents", "_erase_from", "_erase_to", "_access_mode")
    size_mib = Setting(8, "how much it holds", within=(1, 512))
    high_capacity = Setting(True, "addresses are blocks, as on SDHC cards; else bytes")
    inserted: Quantity[bool] = Quantity(True, "the card is in its socket")

    def _connect(self) -> None:
        self.contents = Memory(self.size_mib << 20)
        self._tell_socket()

    def _power_on(self) -> None:
        self._erase_from = self._erase_to = self._access_mode = 0

    def _quantity_changed(self, name: str) -> None:
        self._power_on()
        self._tell_socket()

    def _tell_socket(self) -> None:
        if (detect := self.place.wires.get("detect")) is not None:
            detect.pull(True)
            detect.sink(self.inserted)

    @stimulus
    def load(self, offset: int, data: bytes) -> None:
        """Put bytes on the card, such as the image of a file system."""
        self.contents.store(offset, data)

    def as_file(self) -> bytes:
        """All blocks."""
        return bytes(self.contents.data)

    @property
    def blocks(self) -> int:
        """How many there are."""
        return len(self.contents) // BLOCK

    def number_of(self, address: int) -> int | None:
        """The block at an address of a command; None: there is none."""
        number = address if self.high_capacity else address // BLOCK
        return number if number < self.blocks else None

    def is_between_blocks(self, address: int) -> bool:
        """Whether no block begins at an address in bytes."""
        return not self.high_capacity and address % BLOCK != 0

    def block(self, number: int) -> bytes:
        """What a block holds; nothing behind the end."""
        return bytes(self.contents.data[number * BLOCK : (number + 1) * BLOCK])

    def store(self, number: int, data: bytes) -> None:
        """Keep a block."""
        self.contents.store(number * BLOCK, data)

    def erase(self) -> None:
        """Clear the blocks between those that commands 32 and 33 have told, these too."""
        first, last = self.number_of(self._erase_from), self.number_of(self._erase_to)
        if first is not None and last is not None and first <= last:
            self.contents.store(first * BLOCK, bytes((last + 1 - first) * BLOCK))

    @property
    def ocr(self) -> int:
        """Operation conditions: voltages and capacity."""
        return VOLTAGES | (HIGH_CAPACITY if self.high_capacity else 0)

    @property
    def csd(self) -> bytes:
        """Card-specific data: version 2 has the size in units of 512 KiB, 1 is of cards that count bytes."""
        if self.high_capacity:
            units = (self.size_mib << 1) - 1
            content = bytes.fromhex("400e00325b5900") + units.to_bytes(3, "big") + bytes.fromhex("7f800a4040")
        else:
            units, blocks_of_512, multiplier = (self.size_mib << 2) - 1, 9, 7
            size = 1 << 71 | units << 54 | multiplier << 39 | 1 << 38 | 0x7F << 31  # bits 79 to 8
            fixed = 0x000E_0032_5B5 << 76 | blocks_of_512 << 72 | 2 << 18 | blocks_of_512 << 14
            content = (fixed | size).to_bytes(15, "big")
        return content + bytes((crc7(content) << 1 | 1,))

    @property
    def cid(self) -> bytes:
        """Identification: made up; January 2024."""
        content = b"\x03SDW800E\x10\x00\x00\x00\x01\x01\x81"
        return content + bytes((crc7(content) << 1 | 1,))

    @property
    def scr(self) -> bytes:
        """Configuration: specification 3, 1 and 4 lines, command 23; erased blocks are zeros."""
        return bytes.fromhex("0235800200000000")

    def status(self, lines: int) -> bytes:
        """The SD status, 64 bytes: lines, speed class 10, allocation units of 4 MiB."""
        return bytes((0x80 if lines == 4 else 0,)) + bytes(7) + b"\x04\x00\x90" + bytes(53)

    def switch(self, argument: int) -> bytes:
        """Choose functions of 6 groups, or look what would be: 64 bytes. There is one: high speed."""
        wanted = argument & 0xF
        mode = self._access_mode if wanted == 0xF else wanted if wanted < 2 else 0xF
        if argument >> 31 and mode != 0xF:
            self._access_mode = mode
        milliamperes, supported = b"\x00\x64", b"\x80\x01" * 5 + b"\x80\x03"
        return milliamperes + supported + bytes((0, 0, mode)) + bytes(47)
