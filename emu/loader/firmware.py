"""What a loader makes of a file: pieces for the flash, names, and what to call it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from emu.loader.call_frames import CallFrames
from emu.loader.image import Compression, Image, ImageType
from emu.loader.partition_table import TABLE_OFFSET, PartitionTable
from emu.loader.piece import FlashPiece, MemoryPiece
from emu.loader.source_lines import SourceLines
from emu.loader.structures import Structures
from emu.loader.symbols import Symbols
from emu.memory_map import FLASH_BASE, FLASH_END, SRAM_BASE, SRAM_END


class FirmwareKind(StrEnum):
    """What was loaded."""

    ELF = "ELF program"
    IMAGE = "image"
    OTA_IMAGE = "OTA image"
    PACKAGE = "firmware package"
    FLASH = "flash contents"
    RECORDS = "program in records"
    RAW = "raw code"
    LUATOS = "LuatOS package"


@dataclass(frozen=True, slots=True)
class RamProgram:
    """What the mask ROM starts in RAM after a download: bytes, and the vector table to start at."""

    pieces: tuple[MemoryPiece, ...]
    vector_table: int
    entry: int | None = None
    """The first instruction; None: as the vector table says."""


@dataclass(frozen=True, slots=True)
class Firmware:
    """A firmware, ready to be laid into a flash by `compose_flash`, or to be started in RAM."""

    name: str
    kind: FirmwareKind
    pieces: tuple[FlashPiece, ...]
    run_address: int
    """Where the vector table of the app is; 0 when the file holds none."""
    version: str = ""
    symbols: Symbols = field(default_factory=Symbols)
    lines: SourceLines = field(default_factory=SourceLines)
    structures: Structures = field(default_factory=Structures)
    call_frames: CallFrames = field(default_factory=CallFrames)
    elf: bytes = b""
    """The ELF file that the names are from."""
    images: tuple[Image, ...] = ()
    partition_table: PartitionTable | None = None
    ram: RamProgram | None = None
    chip: str = ""
    """The chip's name, where the file tells it."""
    notes: tuple[str, ...] = ()
    """What was assumed that the user may want to know; one line each."""

    @property
    def is_whole_flash(self) -> bool:
        """Whether it is what a flash held, headers, tables and parameters included."""
        return self.kind is FirmwareKind.FLASH

    @property
    def bootloader(self) -> Image | None:
        """The second bootloader that came with the firmware."""
        first = self._first(ImageType.BOOTLOADER)
        return None if first is None or _is_app(first) else first

    @property
    def app(self) -> Image | None:
        """The app, ready to run; one that runs without second bootloader has its type."""
        found = self._first(ImageType.USER)
        first = self._first(ImageType.BOOTLOADER)
        return found or (first if first is not None and _is_app(first) else None)

    def _first(self, image_type: ImageType) -> Image | None:
        found = (
            image
            for image in self.images
            if image.header.image_type == image_type and not is_packed(image) and is_header_stored(image)
        )
        return next(found, None)


def place_image(image: Image) -> tuple[FlashPiece, ...]:
    """Put an image where its header says, as the mask ROM does after a download.

    A header address outside flash means that the header is not stored. A compressed image stays in one piece
    at its upgrade address, for the bootloader to unpack. An image for RAM is not stored at all.
    """
    header, name = image.header, image.origin.name
    if is_packed(image):
        return (
            FlashPiece(
                _offset(image, 0x14, header.upgrade_address), image.to_bytes(), f"OTA image of {name}"
            ),
        )
    if runs_in_ram(image):
        return ()
    body = FlashPiece(
        _offset(image, 0x08, header.run_address), image.body + image.signature, f"body of {name}"
    )
    if not is_header_stored(image):
        return (body,)
    return (FlashPiece(header.header_address - FLASH_BASE, header.pack(), f"header of {name}"), body)


def is_packed(image: Image) -> bool:
    """Tell whether the body holds another image."""
    return image.header.compression is not Compression.NONE


def is_header_stored(image: Image) -> bool:
    """Tell whether the header goes to flash with the body."""
    return FLASH_BASE <= image.header.header_address < FLASH_END


def runs_in_ram(image: Image) -> bool:
    """Tell whether the mask ROM starts the image in RAM after a download, instead of storing it."""
    return SRAM_BASE <= image.header.run_address < SRAM_END and not is_header_stored(image)


def holds_partition_table(image: Image) -> bool:
    """Tell it from the other data that the SDK gives this type: mkfs2img.py, customfile2img.py."""
    header = image.header
    return header.image_type == ImageType.PARTITION_TABLE and header.run_address == FLASH_BASE + TABLE_OFFSET


def _is_app(first: Image) -> bool:
    """An image in the second bootloader's place that names no app after it is the app itself."""
    return first.header.next_header_address == 0


def _offset(image: Image, field_offset: int, address: int) -> int:
    if not FLASH_BASE <= address < FLASH_END:
        raise image.origin.at(field_offset).error(
            "address", f"{address:#010x} is outside flash: build the image for {FLASH_BASE:#010x} and above"
        )
    return address - FLASH_BASE
