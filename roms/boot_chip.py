"""What boot code needs of the chip, and what it comes to. Sources of all boot code: roms/README.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from emu.loader.image import HEADER_SIZE, ImageHeader

READ_NS_PER_BYTE: Final = 50
"""What the SDK's bootloader takes to read and check a byte, executed at 80 MHz and a cycle an instruction."""

_FLASH_ADDRESS_MASK: Final = 0x01FF_FFFF  # the flash controller takes 25 bits


class FlashPort(Protocol):
    """The flash device under its rules; every operation lets the time pass that it takes.

    Whoever cuts the power raises an exception from here: it passes through all boot code, and the device
    holds what it held at that moment.
    """

    @property
    def size_bytes(self) -> int:
        """The capacity the device reports."""
        ...

    @property
    def jedec_id(self) -> bytes:
        """Manufacturer, memory type, and the power of two that its capacity is."""
        ...

    def read(self, offset: int, size_bytes: int) -> bytes:
        """Bytes of the array; past the end it starts anew."""
        ...

    def erase_sector(self, offset: int) -> None:
        """Set the 4 KB sector around an offset to ones."""

    def erase_block(self, offset: int) -> None:
        """Set the 64 KB block around an offset to ones."""

    def program_page(self, offset: int, data: bytes) -> None:
        """Clear bits inside one page of 256 bytes."""


class Console(Protocol):
    """UART0."""

    def set_baud_rate(self, baud_rate: int) -> None:
        """Send and receive at this rate from now on."""

    def transmit(self, data: bytes) -> None:
        """Send bytes; the time they take on the wire passes."""

    def receive(self, timeout_ns: int) -> int | None:
        """The next byte received; None when that much time passed without one."""

    def receive_some(self, most: int, timeout_ns: int) -> bytes:
        """The bytes that are there or next to come, up to so many; none when that much time passed."""
        ...


class Memory(Protocol):
    """The chip's RAM."""

    def read(self, address: int, size_bytes: int) -> bytes:
        """What it holds."""
        ...

    def write(self, address: int, data: bytes) -> None:
        """Store bytes."""


class BootWatcher:
    """Hears what boot code knows of the flash, and what it makes of it; this one does not care."""

    def settled(self, facts: str) -> None:
        """What comes follows from these facts, the chip, and what is read from now on."""

    def reads(self, offset: int, size_bytes: int) -> None:
        """What comes depends on these bytes of the flash."""

    def replaces(self, offset: int, size_bytes: int) -> None:
        """These bytes are about to be others, whatever they were; the rest of their sector is to stay."""


@dataclass(frozen=True, slots=True)
class BootChip:
    """All that boot code touches."""

    flash: FlashPort
    console: Console
    wait: Callable[[int], None]
    """Let so many nanoseconds pass in which the CPU computes."""
    now_ns: Callable[[], int]
    memory: Memory
    reboot_reason: int = 0
    """The word at 0x2004_7EFC; its low byte is 5 after an OTA."""
    note: Callable[[str], None] = lambda text: None
    """Tell the user something that the chip keeps to itself."""
    watcher: BootWatcher = field(default_factory=BootWatcher)

    def read(self, offset: int, size_bytes: int) -> bytes:
        """Read flash the way boot code does, which takes time."""
        self.watcher.reads(offset, size_bytes)
        return self.read_to_keep(offset, size_bytes)

    def read_to_keep(self, offset: int, size_bytes: int) -> bytes:
        """Read flash to put back what was read, if anything is done with it."""
        self.wait(size_bytes * READ_NS_PER_BYTE)
        return self.flash.read(offset, size_bytes)

    def read_header(self, offset: int) -> ImageHeader:
        """Read an image header, whatever is there."""
        return ImageHeader.unpack(self.read(offset, HEADER_SIZE))


def flash_offset(address: int) -> int:
    """What the flash controller makes of an address of the CPU."""
    return address & _FLASH_ADDRESS_MASK


class Verdict(StrEnum):
    """What a check of an image comes to: letters of the mask ROM (rom.rst, "ROM Error Codes")."""

    GOOD = "C"
    TOO_LARGE = "I"
    BAD_ADDRESS = "J"
    NOT_ALIGNED = "K"
    BAD_HEADER = "L"
    BAD_BODY = "M"

    @property
    def meaning(self) -> str:
        """What the letter stands for."""
        return _MEANINGS[self]


_MEANINGS: Final = {
    Verdict.GOOD: "good",
    Verdict.TOO_LARGE: "its body is empty or ends behind the flash",
    Verdict.BAD_ADDRESS: "there is none, or it runs outside flash",
    Verdict.NOT_ALIGNED: "its run address is no multiple of 0x400",
    Verdict.BAD_HEADER: "its header has a wrong magic number or CRC",
    Verdict.BAD_BODY: "its body has a wrong CRC",
}


@dataclass(frozen=True, slots=True)
class Start:
    """The CPU goes on in an image."""

    vector_table: int
    entry: int
    """Word 0 of the vector table: the reset vector."""
    header: ImageHeader


@dataclass(frozen=True, slots=True)
class DownloadMode:
    """The mask ROM repeats a letter on UART0 and waits for an image."""

    code: str
    """A `Verdict` or another letter of the mask ROM."""
    reason: str
    """One line for the user; the chip does not print it."""


BootResult = Start | DownloadMode


@dataclass(frozen=True, slots=True)
class Restart:
    """The mask ROM resets the chip."""


def start(chip: BootChip, header: ImageHeader) -> Start:
    """Fetch the reset vector of an image."""
    word = chip.read(flash_offset(header.run_address), 4)
    return Start(header.run_address, int.from_bytes(word, "little"), header)
