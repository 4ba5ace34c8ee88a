"""A firmware from images: an .img, or an .fls package of them."""

from __future__ import annotations

from dataclasses import replace

from emu.loader.errors import LoadError, Origin
from emu.loader.firmware import (
    Firmware,
    FirmwareKind,
    RamProgram,
    holds_partition_table,
    is_packed,
    place_image,
    runs_in_ram,
)
from emu.loader.headers import needs_partition_table, table_for
from emu.loader.image import HEADER_SIZE, Image
from emu.loader.ota import unpack_ota
from emu.loader.partition_table import PartitionTable
from emu.loader.piece import MemoryPiece
from emu.loader.recognise import Format, refuse
from emu.memory_map import FLASH_BASE


def firmware_of_images(images: tuple[Image, ...], origin: Origin, table: PartitionTable | None) -> Firmware:
    """Place images as their headers say; a lone OTA image is unpacked as the bootloader would do it.

    LoadError for an image that is damaged, and where nothing is left that could run.
    """
    kind = FirmwareKind.PACKAGE if len(images) > 1 else FirmwareKind.IMAGE
    for image in images:
        image.verify()
    if len(images) == 1 and is_packed(images[0]):
        kind, images = FirmwareKind.OTA_IMAGE, (unpack_ota(images[0]),)
    if table is not None:
        images = tuple(image for image in images if not holds_partition_table(image))
    firmware = Firmware(
        name=origin.name,
        kind=kind,
        # Each once: the SDK's cmake packs a file system again every time it configures.
        pieces=tuple(dict.fromkeys(piece for image in images for piece in place_image(image))),
        run_address=0,
        images=images,
        ram=_ram_program(images),
    )
    app = firmware.app
    if app is None and firmware.ram is None and firmware.bootloader is None:
        raise _nothing_to_run(kind, images, origin)
    if app is not None and table is not None:
        _verify_place(app, table, origin)
    return replace(
        firmware,
        run_address=app.header.run_address if app else 0,
        version=app.header.version if app else "",
        partition_table=table or _table_of(images) or _made_table(app),
    )


def _verify_place(app: Image, table: PartitionTable, origin: Origin) -> None:
    """The second bootloader would look for the app elsewhere."""
    offset, place = app.header.header_address - FLASH_BASE, table.require("app").offset
    if offset != place:
        raise origin.error(
            "partition table",
            f"its app is at {place:#x}, this one at {offset:#x}: give another, or none",
        )


def _nothing_to_run(kind: FirmwareKind, images: tuple[Image, ...], origin: Origin) -> LoadError:
    if images and all(map(holds_partition_table, images)):
        return refuse(Format.PARTITION_TABLE, origin)
    types = ", ".join(str(image.header.image_type) for image in images) or "partition tables only"
    return origin.at(4).error("image type", f"{types}: {kind} without an app: give the app's image")


def _ram_program(images: tuple[Image, ...]) -> RamProgram | None:
    """What the mask ROM starts once the download is complete."""
    for image in images:
        if runs_in_ram(image):
            address = image.header.run_address
            return RamProgram((MemoryPiece(address, image.body),), address)
    return None


def _table_of(images: tuple[Image, ...]) -> PartitionTable | None:
    for image in images:
        if holds_partition_table(image):
            return PartitionTable.parse(image.body, image.origin.at(HEADER_SIZE))
    return None


def _made_table(app: Image | None) -> PartitionTable | None:
    """A table for an app that looks for one."""
    if app is None or not needs_partition_table(app.header.run_address, app.body):
        return None
    header = app.header
    upgrade_offset = header.upgrade_address - FLASH_BASE if header.upgrade_address else 0
    return table_for(header.header_address - FLASH_BASE, upgrade_offset, header.body_size)
