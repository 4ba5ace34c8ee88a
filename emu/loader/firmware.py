"""What a loader makes of a file: pieces for the flash, names, and what to call it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from emu.loader.elf import FLASH_BASE, FLASH_END
from emu.loader.image import Compression, Image, ImageType
from emu.loader.partition_table import TABLE_OFFSET, PartitionTable
from emu.loader.source_lines import SourceLines
from emu.loader.structures import Structures
from emu.loader.symbols import Symbols


class FirmwareKind(StrEnum):
    """What was loaded."""

    ELF = "ELF program"
    IMAGE = "image"
    OTA_IMAGE = "OTA image"
    PACKAGE = "firmware package"
    FLASH = "flash contents"


@dataclass(frozen=True, slots=True)
class FlashPiece:
    """Bytes at an offset of the flash, and what they are."""

    offset: int
    data: bytes
    name: str

    @property
    def end(self) -> int:
        """The offset behind the last byte."""
        return self.offset + len(self.data)


@dataclass(frozen=True, slots=True)
class Firmware:
    """A firmware, ready to be laid into a flash by `compose_flash`."""

    name: str
    kind: FirmwareKind
    pieces: tuple[FlashPiece, ...]
    run_address: int
    """Where the vector table of the app is; 0 when the file holds none."""
    version: str = ""
    symbols: Symbols = field(default_factory=Symbols)
    lines: SourceLines = field(default_factory=SourceLines)
    structures: Structures = field(default_factory=Structures)
    images: tuple[Image, ...] = ()
    partition_table: PartitionTable | None = None

    @property
    def bootloader(self) -> Image | None:
        """The bootloader that came with the firmware."""
        return self._first(ImageType.BOOTLOADER)

    @property
    def app(self) -> Image | None:
        """The app, ready to run."""
        return self._first(ImageType.USER)

    def _first(self, image_type: ImageType) -> Image | None:
        found = (
            image for image in self.images if image.header.image_type == image_type and not is_packed(image)
        )
        return next(found, None)


def place_image(image: Image) -> tuple[FlashPiece, ...]:
    """Put an image where its header says, as the mask ROM does after a download.

    A header address outside flash means that the header is not stored. A compressed image stays in one piece
    at its upgrade address, for the bootloader to unpack.
    """
    header, name = image.header, image.origin.name
    if is_packed(image):
        return (
            FlashPiece(
                _offset(image, 0x14, header.upgrade_address), image.to_bytes(), f"OTA image of {name}"
            ),
        )
    body = FlashPiece(
        _offset(image, 0x08, header.run_address), image.body + image.signature, f"body of {name}"
    )
    if not FLASH_BASE <= header.header_address < FLASH_END:
        return (body,)
    return (FlashPiece(header.header_address - FLASH_BASE, header.pack(), f"header of {name}"), body)


def is_packed(image: Image) -> bool:
    """Tell whether the body holds another image."""
    return image.header.compression is not Compression.NONE


def holds_partition_table(image: Image) -> bool:
    """Tell it from the other data that the SDK gives this type: mkfs2img.py, customfile2img.py."""
    header = image.header
    return header.image_type == ImageType.PARTITION_TABLE and header.run_address == FLASH_BASE + TABLE_OFFSET


def _offset(image: Image, field_offset: int, address: int) -> int:
    if not FLASH_BASE <= address < FLASH_END:
        raise image.origin.at(field_offset).error(
            "address", f"{address:#010x} is outside flash: build the image for {FLASH_BASE:#010x} and above"
        )
    return address - FLASH_BASE
