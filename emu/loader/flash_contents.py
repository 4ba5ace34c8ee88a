"""What lies in flash contents: the images, found the way boot code finds them, and the partition table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from emu.loader.errors import LoadError, Origin
from emu.loader.image import HEADER_SIZE, SIGNATURE_SIZE, Image, ImageHeader
from emu.loader.partition_table import TABLE_MAGIC_BYTES, TABLE_OFFSET, PartitionTable
from emu.loader.piece import FlashPiece
from emu.loader.recognise import BOOTLOADER_OFFSET, is_image
from emu.memory_map import FLASH_BASE, FLASH_END
from peripherals.nor_flash import SECTOR_SIZE

Read = Callable[[int, int], bytes]
"""Bytes of the flash at an offset; fewer where there are no more."""

_OTHER_HEADERS: Final = ("app", "app_ota")
_MOST_IMAGES: Final = 64
"""Headers can lead to each other without end, and each body is read; a flash has two or three."""


def reader(pieces: Sequence[FlashPiece]) -> Read:
    """Read what lies in pieces as if it lay in a flash: between them it is erased."""

    end = max((piece.end for piece in pieces), default=0)

    def read(offset: int, size_bytes: int) -> bytes:
        contents = bytearray(b"\xff" * max(0, min(size_bytes, end - offset)))
        for piece in pieces:
            first, last = max(offset, piece.offset), min(offset + len(contents), piece.end)
            if first < last:
                contents[first - offset : last - offset] = piece.data[
                    first - piece.offset : last - piece.offset
                ]
        return bytes(contents)

    return read


def table_in(read: Read, origin: Origin) -> PartitionTable | None:
    """The partition table in flash; None where there is none, LoadError for a damaged one."""
    data = read(TABLE_OFFSET, SECTOR_SIZE)
    if not data.startswith(TABLE_MAGIC_BYTES):
        return None
    return PartitionTable.parse(data, origin.at(TABLE_OFFSET))


def images_in(
    read: Read, table: PartitionTable | None, origin: Origin, first: int = BOOTLOADER_OFFSET
) -> Iterator[Image]:
    """The images with a good header: along the chain of headers from `first`, then in the table's partitions.

    Their bodies may be damaged; each comes once. An image's origin tells its offset in flash.
    """
    named = [] if table is None else [table.find(name) for name in _OTHER_HEADERS]
    places = [first, *(entry.offset for entry in named if entry is not None)]
    seen: set[int] = set()
    while places and len(seen) < _MOST_IMAGES:
        offset = places.pop(0)
        head = read(offset, HEADER_SIZE)
        if offset in seen or not is_image(head):
            continue
        seen.add(offset)
        header = ImageHeader.unpack(head)
        following = header.next_header_address
        if FLASH_BASE <= following < FLASH_END:
            places.append(following - FLASH_BASE)
        if header.upgrade_address:
            places.append(header.upgrade_address - FLASH_BASE)
        image = _image_at(read, offset, header, origin)
        if image is not None:
            yield image


def _image_at(read: Read, offset: int, header: ImageHeader, origin: Origin) -> Image | None:
    """An image whose header lies at its own address has its body at the run address, others behind them."""
    is_installed = (
        header.header_address == FLASH_BASE + offset and FLASH_BASE <= header.run_address < FLASH_END
    )
    body_offset = header.run_address - FLASH_BASE if is_installed else offset + HEADER_SIZE
    try:
        stored = header.pack() + read(body_offset, header.body_size + SIGNATURE_SIZE)
        return Image.parse(stored, origin.at(offset))
    except LoadError:
        return None
