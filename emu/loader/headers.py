"""The headers and partition tables that builds give to programs: for a program that comes without.

A program tells by itself what it needs: its run address, and whether it looks for a partition table.
Addresses: target.w80x.cmake of the WM IoT SDK; tools/w800/rules.mk of the W800 SDK 1.x; tools/W806/rules.mk
of the W806 SDK.
"""

from __future__ import annotations

from typing import Final

from emu.loader.errors import Origin
from emu.loader.image import HEADER_TO_BODY, MAGIC, Image, ImageHeader, ImageType, encode_version
from emu.loader.partition_table import (
    LAYOUTS,
    TABLE_MAGIC_BYTES,
    TABLE_OFFSET,
    Partition,
    PartitionTable,
)
from emu.loader.recognise import BOOTLOADER_OFFSET
from emu.memory_map import FLASH_BASE
from peripherals.nor_flash import SECTOR_SIZE

BOOTLOADER_RUN_ADDRESS: Final = FLASH_BASE + BOOTLOADER_OFFSET + HEADER_TO_BODY
IOT_SDK_APP_HEADER: Final = FLASH_BASE + 0xF000
CLASSIC_UPGRADE_ADDRESS: Final = FLASH_BASE + 0x1_0000
"""Where both older SDKs' makefiles put OTA images."""

NO_HEADER_ADDRESS: Final = 0x2002_6000
"""In RAM: where the SDK's tools put a header that is not to be stored (target.w80x.cmake)."""
DEFAULT_BOOT_FLAGS: Final = 3
"""Log level information, every check on: what the IoT SDK builds unless told otherwise."""

_MIB: Final = 1 << 20
_NVS_BELOW_END: Final = 0x1_0000
_NVS_SIZE: Final = 0x8000


def needs_partition_table(run_address: int, body: bytes) -> bool:
    """Tell whether a program is one of the IoT SDK: at its app's place, or looking for the table's magic.

    The magic number stands in every image of that SDK with flash support and in none of the older ones'
    (80 images of 25 public projects were searched).
    """
    if run_address == BOOTLOADER_RUN_ADDRESS:
        return False
    return run_address == IOT_SDK_APP_HEADER + HEADER_TO_BODY or TABLE_MAGIC_BYTES in body


def app_image(name: str, run_address: int, body: bytes, table: PartitionTable | None = None) -> Image:
    """Give a bare program the header with which its SDK would have built it: the IoT SDK with a table."""
    if (
        run_address == BOOTLOADER_RUN_ADDRESS
    ):  # the mask ROM starts it: it takes the second bootloader's place
        return bootloader_image("", body, name=name)
    upgrade_address, boot_flags = CLASSIC_UPGRADE_ADDRESS, 0
    if table is not None:
        offset = _upgrade_offset(table)
        upgrade_address, boot_flags = FLASH_BASE + offset if offset else 0, DEFAULT_BOOT_FLAGS
    header = ImageHeader(
        magic=MAGIC,
        attribute=ImageType.USER,
        run_address=run_address,
        body_size=0,
        header_address=run_address - HEADER_TO_BODY,
        upgrade_address=upgrade_address,
        body_crc=0,
        version_field=encode_version("0.0.0"),
        boot_flags=boot_flags,
    )
    return Image.build(header, body, name)


def bootloader_image(version: str, body: bytes, *, app_header_address: int = 0, name: str = "image") -> Image:
    """Give a bare bootloader the header with which the SDKs flash it."""
    header = ImageHeader(
        magic=MAGIC,
        attribute=ImageType.BOOTLOADER,
        run_address=BOOTLOADER_RUN_ADDRESS,
        body_size=0,
        header_address=FLASH_BASE + BOOTLOADER_OFFSET,
        upgrade_address=0,
        body_crc=0,
        version_field=encode_version(version),
        next_header_address=app_header_address,
    )
    return Image.build(header, body, name)


def stand_in_bootloader(app_header_address: int) -> Image:
    """A bootloader image with a good header and no code: the modelled bootloader acts for it."""
    return bootloader_image("modelled", bytes(HEADER_TO_BODY), app_header_address=app_header_address)


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


def table_for(header_offset: int, upgrade_offset: int | None, body_size: int) -> PartitionTable:
    """Make the partition table for an app of the IoT SDK that comes without: a standard one where it fits.

    `upgrade_offset` is where the app's header says that its OTA images go, 0 for nowhere, None when the app
    has no header yet: then app_ota is preferred as long as the app fits.
    """
    layouts = [layout for layout in LAYOUTS if layout.require("app").offset == header_offset]
    if upgrade_offset is not None:
        layouts = [layout for layout in layouts if _upgrade_offset(layout) == upgrade_offset]
    if not layouts:
        return _own_table(header_offset, upgrade_offset or 0, body_size)
    fitting = (table for table in layouts if HEADER_TO_BODY + body_size <= table.require("app").size_bytes)
    return next(fitting, layouts[-1])


def _own_table(header_offset: int, upgrade_offset: int, body_size: int) -> PartitionTable:
    """What the header says; app and app_ota each reach as far as nothing is in the way."""
    top = max(
        header_offset + HEADER_TO_BODY + body_size, upgrade_offset + SECTOR_SIZE, 2 * _MIB - _NVS_BELOW_END
    )
    end = -(-(top + _NVS_BELOW_END) // _MIB) * _MIB - _NVS_BELOW_END
    starts = {"app": header_offset, "app_ota": upgrade_offset}
    if not upgrade_offset:
        del starts["app_ota"]
    rows = [
        Partition(
            name, start, min([other for other in starts.values() if other > start], default=end) - start
        )
        for name, start in starts.items()
    ]
    fixed = LAYOUTS[0].partitions[:3]
    rows = sorted((*rows, Partition("nvs", end, _NVS_SIZE)), key=lambda row: row.offset)
    return PartitionTable((*fixed, *rows), Origin("partition table made from the app's header")).verify()


def _upgrade_offset(table: PartitionTable) -> int:
    app_ota = table.find("app_ota")
    return app_ota.offset if app_ota else 0
