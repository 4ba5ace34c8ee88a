"""Find out what a file is by its content, and load it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from emu.loader.elf import ELF_MAGIC, FLASH_BASE, ElfProgram, parse_elf
from emu.loader.errors import LoadError, Origin
from emu.loader.files import read_file
from emu.loader.firmware import (
    Firmware,
    FirmwareKind,
    FlashPiece,
    holds_partition_table,
    is_packed,
    place_image,
)
from emu.loader.flash_image import (
    BOOTLOADER_OFFSET,
    FLASH_SIZES,
    app_image,
    bootloader_image,
    choose_table,
)
from emu.loader.fls import parse_fls
from emu.loader.image import HEADER_SIZE, HEADER_TO_BODY, MAGIC, Image, ImageHeader, ImageType
from emu.loader.ota import unpack_ota
from emu.loader.partition_table import TABLE_MAGIC, TABLE_OFFSET, PartitionTable
from emu.loader.symbols import Symbols

_IMAGE_MAGIC: Final = MAGIC.to_bytes(4, "little")
_TABLE_MAGIC: Final = TABLE_MAGIC.to_bytes(4, "little")


def load_firmware(path: Path, *, partition_table: PartitionTable | None = None) -> Firmware:
    """Load an ELF, .img, .fls or flash .bin file, or the build folder of an SDK project.

    What a file lacks is taken from the SDK build it lies in: names, partition table, image header. Without a
    build the table is a standard one; `partition_table` replaces any.
    """
    path = find_firmware(path)
    data = read_file(path)
    origin = Origin(path.name)
    if data.startswith(ELF_MAGIC):
        return _from_elf(parse_elf(data, origin), path, partition_table or _built_table(path))
    if _is_flash(data):
        return _from_flash(data, origin)
    if data.startswith(_IMAGE_MAGIC):
        images = parse_fls(data, origin)
        if partition_table is None and _table_of(images) is None:
            partition_table = _built_table(path)
        return _with_symbols(_from_images(images, origin, partition_table), path)
    raise origin.error(
        "magic",
        f"{data[:4].hex(' ') or 'no bytes'}: not a firmware; "
        "give an ELF, .img, .fls or flash .bin file, or a build folder",
    )


def load_partition_table(path: Path) -> PartitionTable:
    """Load a table from its binary form, its .img, or a CSV file."""
    data = read_file(path)
    origin = Origin(path.name)
    if data.startswith(_TABLE_MAGIC):
        return PartitionTable.parse(data, origin)
    if data.startswith(_IMAGE_MAGIC):
        image = Image.parse(data, origin).verify()
        return PartitionTable.parse(image.body, origin.at(len(data) - len(image.body)))
    try:
        return PartitionTable.parse_csv(data.decode(), origin)
    except UnicodeDecodeError:
        raise origin.error("magic", "neither a partition table nor text: give a .bin, .img or .csv") from None


def load_bootloader(path: Path) -> Image:
    """Load a bootloader, as .img or as the bare binary that the SDK carries."""
    data = read_file(path)
    if not data.startswith(_IMAGE_MAGIC):
        return bootloader_image("G03.00.00", data)
    image = Image.parse(data, Origin(path.name)).verify()
    if image.header.image_type != ImageType.BOOTLOADER:
        raise image.origin.at(4).error(
            "image type", f"{image.header.image_type} is no bootloader's: give its .img"
        )
    return image


def load_flash_file(path: Path, size_bytes: int) -> bytearray:
    """Load saved flash contents, which have to be of exactly that size."""
    data = read_file(path)
    if len(data) != size_bytes:
        raise LoadError(
            f"{path}: {len(data):#x} bytes, the flash has {size_bytes:#x}: "
            "give the file this flash was saved to, or remove it to start anew"
        )
    return bytearray(data)


def _from_elf(program: ElfProgram, path: Path, table: PartitionTable | None) -> Firmware:
    origin = Origin(path.name)
    header_offset = program.flash_address - HEADER_TO_BODY - FLASH_BASE
    if not program.flash_contents or header_offset < BOOTLOADER_OFFSET:
        raise origin.error(
            "program headers",
            f"nothing is linked to flash behind the bootloader (.text at {program.flash_address:#010x})"
            ": link .text to 0x0800f400",
        )
    table = table or choose_table(origin.name, header_offset, None, len(program.flash_contents))
    built = _built_image(program, path)
    image = built or app_image(origin.name, program.flash_address, program.flash_contents, table)
    firmware = _from_images((image,), origin, table)
    version = firmware.version if built else ""
    return _named(replace(firmware, kind=FirmwareKind.ELF, version=version), program)


def _from_images(images: tuple[Image, ...], origin: Origin, table: PartitionTable | None) -> Firmware:
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
    )
    app = firmware.app
    return replace(
        firmware,
        run_address=app.header.run_address if app else 0,
        version=app.header.version if app else "",
        partition_table=table or _table_of(images) or _standard_table(app),
    )


def _table_of(images: tuple[Image, ...]) -> PartitionTable | None:
    for image in images:
        if holds_partition_table(image):
            return PartitionTable.parse(image.body, image.origin.at(HEADER_SIZE))
    return None


def _standard_table(app: Image | None) -> PartitionTable | None:
    if app is None:
        return None
    header = app.header
    upgrade_offset = header.upgrade_address - FLASH_BASE if header.upgrade_address else 0
    return choose_table(app.origin.name, header.header_address - FLASH_BASE, upgrade_offset, header.body_size)


def _is_flash(data: bytes) -> bool:
    """Tell flash contents from images: factory parameters and images share a magic number."""
    has_table = data[TABLE_OFFSET : TABLE_OFFSET + 4] == _TABLE_MAGIC
    has_bootloader = data[BOOTLOADER_OFFSET : BOOTLOADER_OFFSET + 4] == _IMAGE_MAGIC
    return has_bootloader and (has_table or len(data) in FLASH_SIZES)


def _from_flash(data: bytes, origin: Origin) -> Firmware:
    if len(data) not in FLASH_SIZES:
        sizes = ", ".join(f"{size:#x}" for size in FLASH_SIZES)
        raise LoadError(
            f"{origin.name}: flash contents of {len(data):#x} bytes; a flash has {sizes}: "
            "read the whole flash out"
        )
    table = PartitionTable.parse(data[TABLE_OFFSET:], origin.at(TABLE_OFFSET))
    offset = table.require("app").offset
    app = ImageHeader.unpack(data[offset : offset + HEADER_SIZE])
    has_app = app.magic == MAGIC
    return Firmware(
        name=origin.name,
        kind=FirmwareKind.FLASH,
        pieces=(FlashPiece(0, data, "flash contents"),),
        run_address=app.run_address if has_app else 0,
        version=app.version if has_app else "",
        partition_table=table,
    )


def find_firmware(path: Path) -> Path:
    """The file to load: of a build folder its package, else its program; a project's stands for its build."""
    if not path.is_dir():
        return path
    for place in (path, path / "build"):
        for pattern in ("*.fls", "*.elf"):
            if found := sorted(place.glob(pattern)):
                if len(found) > 1:
                    names = ", ".join(path.name for path in found)
                    raise LoadError(f"{place}: holds {names}: name the one to load")
                return found[0]
    raise LoadError(f"{path}: holds neither an .fls nor an .elf file: build the project, or name a file")


def _with_symbols(firmware: Firmware, path: Path) -> Firmware:
    """Take the names from the ELF next to an image, if the image was made of it."""
    elf_path = path.with_suffix(".elf")
    app = firmware.app
    if app is None or not elf_path.is_file():
        return firmware
    program = parse_elf(read_file(elf_path), Origin(elf_path.name))
    return _named(firmware, program) if _is_made_of(app, program) else firmware


def _built_image(program: ElfProgram, path: Path) -> Image | None:
    """The image that the build has made of an ELF beside it; an older one is of no use."""
    try:
        image = Image.parse(path.with_suffix(".img").read_bytes(), Origin(path.name)).verify()
    except (OSError, LoadError):
        return None
    return image if _is_made_of(image, program) else None


def _built_table(path: Path) -> PartitionTable | None:
    """The partition table of the build that a file lies in."""
    table = path.parent / "partition_table" / "partition_table.bin"
    return load_partition_table(table) if table.is_file() else None


def _is_made_of(image: Image, program: ElfProgram) -> bool:
    return program.flash_address == image.header.run_address and image.body.startswith(program.flash_contents)


def _named(firmware: Firmware, program: ElfProgram) -> Firmware:
    return replace(firmware, symbols=program.symbols, lines=program.lines, structures=program.structures)


def symbols_of(path: Path) -> Symbols:
    """Read only the names of an ELF file."""
    return parse_elf(read_file(path), Origin(path.name)).symbols
