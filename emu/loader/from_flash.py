"""A firmware from flash contents: read out of a board, saved by us, or in records with their headers."""

from __future__ import annotations

from dataclasses import replace

from emu.loader.errors import LoadError, Origin
from emu.loader.firmware import Firmware, FirmwareKind, is_packed
from emu.loader.flash_contents import images_in, reader, table_in
from emu.loader.piece import FlashPiece


def firmware_of_flash(data: bytes, origin: Origin) -> Firmware:
    """Take a dump as it is; one that ends early is taken to be erased behind its end."""
    return firmware_of_pieces((FlashPiece(0, data, "flash contents"),), origin)


def firmware_of_pieces(pieces: tuple[FlashPiece, ...], origin: Origin) -> Firmware:
    """Find the app in pieces of a flash; nothing is refused that a board would start as well."""
    read = reader(pieces)
    notes: tuple[str, ...] = ()
    try:
        table = table_in(read, origin)
    except LoadError as error:
        table, notes = None, (str(error),)
    # One that waits for the bootloader, packed, is data to the rest of the program.
    images = tuple(image for image in images_in(read, table, origin) if not is_packed(image))
    firmware = Firmware(
        origin.name, FirmwareKind.FLASH, pieces, 0, images=images, partition_table=table, notes=notes
    )
    if (app := firmware.app) is None:
        return firmware
    return replace(firmware, run_address=app.header.run_address, version=app.header.version)
