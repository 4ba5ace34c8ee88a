"""The contents of a whole flash, as after production and download."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from emu.loader.errors import LoadError
from emu.loader.factory import BACKUP_OFFSET, PARAMETERS_OFFSET, FactoryParameters
from emu.loader.firmware import Firmware, place_image
from emu.loader.headers import IOT_SDK_APP_HEADER, stand_in_bootloader
from emu.loader.image import Image
from emu.loader.partition_table import TABLE_OFFSET, PartitionTable
from emu.loader.piece import FlashPiece
from emu.loader.recognise import BOOTLOADER_OFFSET
from emu.memory_map import FLASH_BASE
from peripherals.nor_flash import SECTOR_SIZE

DEFAULT_FLASH_SIZE: Final = 0x20_0000
FLASH_SIZES: Final = tuple(0x10_0000 << shift for shift in range(5))
"""1 to 16 MB: what the chip variants carry inside or can address outside."""

BOOTLOADER_END: Final = TABLE_OFFSET
"""No second bootloader of any SDK is larger (43 KB is the largest known)."""

_ERASED: Final = b"\xff"


def compose_flash(
    firmware: Firmware,
    size_bytes: int = DEFAULT_FLASH_SIZE,
    *,
    bootloader: Image | None = None,
    factory: FactoryParameters | None = None,
) -> bytearray:
    """Lay a firmware into an erased flash and add what it does not bring along.

    Added are factory parameters, a partition table if the firmware looks for one, and a stand-in for the
    second bootloader if there is an app to start and neither `bootloader` nor the firmware has one.
    """
    pieces = list(firmware.pieces)
    contents = _lay_out(firmware, [*pieces, *_table_pieces(firmware)], size_bytes)
    for offset in (PARAMETERS_OFFSET, BACKUP_OFFSET):
        _add_factory_parameters(contents, offset, factory or FactoryParameters())
    if bootloader is not None:
        _replace_bootloader(firmware, contents, bootloader)
    elif pieces and not _covers(pieces, BOOTLOADER_OFFSET):
        _overlay(contents, place_image(stand_in_bootloader(app_header_address(firmware))))
    if firmware.partition_table is not None:
        firmware.partition_table.verify_fits(size_bytes)
        _verify_partitions(firmware, pieces, firmware.partition_table)
    return contents


def flash_into(contents: bytearray, firmware: Firmware) -> None:
    """Write what a firmware brings along into a flash, as a download does: the other sectors stay."""
    pieces = [*firmware.pieces, *_table_pieces(firmware)]
    flashed = _lay_out(firmware, pieces, len(contents))
    for piece in pieces:
        sectors = slice(piece.offset // SECTOR_SIZE * SECTOR_SIZE, -(-piece.end // SECTOR_SIZE) * SECTOR_SIZE)
        contents[sectors] = flashed[sectors]


def holds_firmware(contents: bytearray, firmware: Firmware) -> bool:
    """Whether a flash holds what a firmware brings along."""
    return all(contents[piece.offset : piece.end] == piece.data for piece in firmware.pieces)


def smallest_flash(firmware: Firmware) -> int | None:
    """The smallest flash that holds a firmware with its partitions; None where the largest does not."""
    ends = [piece.end for piece in firmware.pieces]
    if firmware.partition_table is not None:
        ends += [entry.end for entry in firmware.partition_table.partitions]
    return next((size for size in FLASH_SIZES if size >= max(ends, default=0)), None)


def app_header_address(firmware: Firmware) -> int:
    """Where a second bootloader finds the app."""
    if firmware.app is not None:
        return firmware.app.header.header_address
    return firmware.bootloader.header.next_header_address if firmware.bootloader else IOT_SDK_APP_HEADER


def _table_pieces(firmware: Firmware) -> list[FlashPiece]:
    table = firmware.partition_table
    if table is None or _covers(firmware.pieces, TABLE_OFFSET):
        return []
    return [FlashPiece(TABLE_OFFSET, table.to_bytes(), "partition table")]


def _covers(pieces: Sequence[FlashPiece], offset: int) -> bool:
    return any(piece.offset <= offset < piece.end for piece in pieces)


def _add_factory_parameters(contents: bytearray, offset: int, factory: FactoryParameters) -> None:
    """Fill an erased sector: tools that read flash out tend to leave the board's own parameters behind."""
    if not contents[offset : offset + SECTOR_SIZE].strip(_ERASED):
        block = factory.pack()
        contents[offset : offset + len(block)] = block


def _replace_bootloader(firmware: Firmware, contents: bytearray, bootloader: Image) -> None:
    app = firmware.app
    if app is not None and app.header.header_address < FLASH_BASE + BOOTLOADER_END:
        raise LoadError(
            f"{firmware.name}: the app at {app.header.header_address:#010x} is where a second bootloader "
            "goes: run it without one"
        )
    size = BOOTLOADER_END - BOOTLOADER_OFFSET
    contents[BOOTLOADER_OFFSET:BOOTLOADER_END] = _ERASED * size
    pieces = place_image(bootloader)
    for piece in pieces:
        if not BOOTLOADER_OFFSET <= piece.offset <= piece.end <= BOOTLOADER_END:
            raise bootloader.origin.error(
                "bootloader",
                f"{piece.offset:#x}..{piece.end:#x} is not within "
                f"{BOOTLOADER_OFFSET:#x}..{BOOTLOADER_END:#x}: give a second bootloader",
            )
    _overlay(contents, pieces)


def _overlay(contents: bytearray, pieces: Sequence[FlashPiece]) -> None:
    for piece in pieces:
        contents[piece.offset : piece.end] = piece.data


def _verify_partitions(firmware: Firmware, pieces: Sequence[FlashPiece], table: PartitionTable) -> None:
    if firmware.is_whole_flash:
        return
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
        is_too_much = ordered[-1].end > FLASH_SIZES[-1]
        advice = (
            "no flash is larger than 16 MB" if is_too_much else "choose a larger flash, or no chip at all"
        )
        raise LoadError(
            f"{firmware.name}: {ordered[-1].name}: ends at offset {ordered[-1].end:#x}, the flash at "
            f"{size_bytes:#x}: {advice}"
        )
    contents = bytearray(_ERASED * size_bytes)
    _overlay(contents, ordered)
    return contents
