"""The contents of a whole flash, as after production and download."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from emu.loader.elf import FLASH_BASE
from emu.loader.errors import LoadError
from emu.loader.factory import BACKUP_OFFSET, PARAMETERS_OFFSET, FactoryParameters
from emu.loader.firmware import Firmware, FirmwareKind, FlashPiece, place_image
from emu.loader.image import HEADER_TO_BODY, MAGIC, Image, ImageHeader, ImageType, encode_version
from emu.loader.partition_table import LAYOUTS, TABLE_OFFSET, PartitionTable

DEFAULT_FLASH_SIZE: Final = 0x20_0000
FLASH_SIZES: Final = tuple(0x10_0000 << shift for shift in range(5))
"""1 to 16 MB: what the chip variants carry inside or can address outside."""

BOOTLOADER_OFFSET: Final = 0x2000
APP_HEADER_ADDRESS: Final = FLASH_BASE + 0xF000
NO_HEADER_ADDRESS: Final = 0x2002_6000
"""In RAM: where the SDK's tools put a header that is not to be stored (target.w80x.cmake)."""
DEFAULT_BOOT_FLAGS: Final = 3
"""Log level information, every check on: what the SDK builds unless told otherwise."""

_ERASED: Final = b"\xff"


def compose_flash(
    firmware: Firmware,
    size_bytes: int = DEFAULT_FLASH_SIZE,
    *,
    bootloader: Image | None = None,
    factory: FactoryParameters | None = None,
) -> bytearray:
    """Lay a firmware into an erased flash and add what it does not bring along.

    Added are factory parameters, a partition table, and a stand-in for the bootloader unless `bootloader` or
    the firmware has one. Flash contents are taken as they are, and have to be of the right size.
    """
    if firmware.kind is FirmwareKind.FLASH:
        return _whole_flash(firmware, size_bytes)
    pieces = [*_factory_pieces(factory or FactoryParameters()), *_table_pieces(firmware)]
    brought = list(firmware.pieces)
    if bootloader is not None:
        brought = [piece for piece in brought if not BOOTLOADER_OFFSET <= piece.offset < TABLE_OFFSET]
    elif firmware.bootloader is None:
        bootloader = stand_in_bootloader(_app_header_address(firmware))
    pieces += [*brought, *(place_image(bootloader) if bootloader else ())]
    table = firmware.partition_table
    if table is not None:
        table.verify_fits(size_bytes)
        _verify_partitions(firmware, pieces, table)
    return _lay_out(firmware, pieces, size_bytes)


def app_image(name: str, run_address: int, body: bytes, table: PartitionTable) -> Image:
    """Give a bare program the header with which the SDK would have built it for that partition table."""
    upgrade_offset = _upgrade_offset(table)
    header = ImageHeader(
        magic=MAGIC,
        attribute=ImageType.USER,
        run_address=run_address,
        body_size=0,
        header_address=run_address - HEADER_TO_BODY,
        upgrade_address=FLASH_BASE + upgrade_offset if upgrade_offset else 0,
        body_crc=0,
        version_field=encode_version("0.0.0"),
        boot_flags=DEFAULT_BOOT_FLAGS,
    )
    return Image.build(header, body, name)


def bootloader_image(name: str, body: bytes) -> Image:
    """Give a bare bootloader the header with which the SDK flashes it."""
    header = ImageHeader(
        magic=MAGIC,
        attribute=ImageType.BOOTLOADER,
        run_address=FLASH_BASE + BOOTLOADER_OFFSET + HEADER_TO_BODY,
        body_size=0,
        header_address=FLASH_BASE + BOOTLOADER_OFFSET,
        upgrade_address=0,
        body_crc=0,
        version_field=encode_version(name),
        next_header_address=APP_HEADER_ADDRESS,
    )
    return Image.build(header, body)


def stand_in_bootloader(app_header_address: int) -> Image:
    """A bootloader image with a good header and no code: the modelled bootloader acts for it."""
    image = bootloader_image("modelled", bytes(HEADER_TO_BODY))
    return replace(image, header=replace(image.header, next_header_address=app_header_address).sealed())


def partition_table_image(table: PartitionTable) -> Image:
    """Give a table the header with which the SDK downloads it; that header is not stored in flash."""
    header = ImageHeader(
        magic=MAGIC,
        attribute=ImageType.PARTITION_TABLE,
        run_address=FLASH_BASE + TABLE_OFFSET,
        body_size=0,
        header_address=NO_HEADER_ADDRESS,
        upgrade_address=0,
        body_crc=0,
    )
    return Image.build(header, table.to_bytes(), table.origin.name)


def choose_table(name: str, header_offset: int, upgrade_offset: int | None, body_size: int) -> PartitionTable:
    """Find the SDK's layout for an app that comes without a table.

    `upgrade_offset` is where the app's header says that its OTA images go, 0 for nowhere, None when the app
    has no header yet: then app_ota is preferred as long as the app fits.
    """
    layouts = [layout for layout in LAYOUTS if layout.require("app").offset == header_offset]
    if upgrade_offset is not None:
        layouts = [layout for layout in layouts if _upgrade_offset(layout) == upgrade_offset]
    if not layouts:
        raise LoadError(
            f"{name}: no standard partition table has its app at offset {header_offset:#x} and app_ota at "
            f"{upgrade_offset or 0:#x}: give its table or link to {APP_HEADER_ADDRESS + HEADER_TO_BODY:#010x}"
        )
    fitting = (table for table in layouts if HEADER_TO_BODY + body_size <= table.require("app").size_bytes)
    return next(fitting, layouts[-1])


def _upgrade_offset(table: PartitionTable) -> int:
    app_ota = table.find("app_ota")
    return app_ota.offset if app_ota else 0


def _whole_flash(firmware: Firmware, size_bytes: int) -> bytearray:
    contents = firmware.pieces[0].data
    if len(contents) != size_bytes:
        raise LoadError(
            f"{firmware.name}: flash contents of {len(contents):#x} bytes for a flash of {size_bytes:#x}: "
            "choose the flash size it was saved from"
        )
    return bytearray(contents)


def _factory_pieces(factory: FactoryParameters) -> list[FlashPiece]:
    block = factory.pack()
    return [
        FlashPiece(PARAMETERS_OFFSET, block, "factory parameters"),
        FlashPiece(BACKUP_OFFSET, block, "factory parameters, copy"),
    ]


def _table_pieces(firmware: Firmware) -> list[FlashPiece]:
    table = firmware.partition_table
    if table is None or any(piece.offset == TABLE_OFFSET for piece in firmware.pieces):
        return []
    return [FlashPiece(TABLE_OFFSET, table.to_bytes(), "partition table")]


def _app_header_address(firmware: Firmware) -> int:
    return firmware.app.header.header_address if firmware.app else APP_HEADER_ADDRESS


def _verify_partitions(firmware: Firmware, pieces: Sequence[FlashPiece], table: PartitionTable) -> None:
    for piece in pieces:
        for partition in table.partitions:
            if partition.offset <= piece.offset < partition.end < piece.end:
                raise LoadError(
                    f"{firmware.name}: {piece.name}: ends at offset {piece.end:#x}, its partition "
                    f"{partition.name} at {partition.end:#x}: make it smaller or the partition larger"
                )


def _lay_out(firmware: Firmware, pieces: Sequence[FlashPiece], size_bytes: int) -> bytearray:
    ordered = sorted(pieces, key=lambda piece: piece.offset)
    for low, high in pairwise(ordered):
        if low.end > high.offset:
            raise LoadError(
                f"{firmware.name}: {low.name} ({low.offset:#x}..{low.end:#x}) and {high.name} "
                f"({high.offset:#x}) overlap in flash: correct their addresses"
            )
    if ordered and ordered[-1].end > size_bytes:
        raise LoadError(
            f"{firmware.name}: {ordered[-1].name}: ends at offset {ordered[-1].end:#x}, the flash at "
            f"{size_bytes:#x}: choose a larger flash"
        )
    contents = bytearray(_ERASED * size_bytes)
    for piece in ordered:
        contents[piece.offset : piece.end] = piece.data
    return contents
