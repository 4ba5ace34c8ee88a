"""Load a firmware, whatever form it comes in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from emu.loader.build_choice import choose_firmware, is_made_of, is_newer
from emu.loader.build_folder import programs_beside, table_beside
from emu.loader.elf import ElfProgram, parse_elf
from emu.loader.errors import LoadError, Origin
from emu.loader.files import read_file
from emu.loader.firmware import Firmware, FirmwareKind
from emu.loader.fls import parse_fls
from emu.loader.from_flash import firmware_of_flash
from emu.loader.from_images import firmware_of_images
from emu.loader.from_memory import firmware_of_memory, firmware_of_program
from emu.loader.headers import BOOTLOADER_RUN_ADDRESS, bootloader_image
from emu.loader.image import HEADER_SIZE, Image, ImageType
from emu.loader.luatos import parse_soc
from emu.loader.partition_table import PartitionTable
from emu.loader.piece import MemoryPiece
from emu.loader.recognise import BOOTLOADER_OFFSET, Format, recognise, refuse
from emu.loader.records import parse_records
from emu.loader.symbols import Symbols
from emu.loader.vectors import vector_base
from emu.loader.wrapping import unwrap, unwrap_raw

_ERASED: Final = b"\xff"
_UNKNOWN_VERSION: Final = "G03.00.00"
"""What the IoT SDK writes into the header of its bootloader."""


def load_firmware(
    path: Path, *, partition_table: PartitionTable | None = None, base: int | None = None
) -> Firmware:
    """Load any form of firmware (`Format`), packed or not, or the build folder of an SDK project.

    What a file lacks is taken from the build it lies in: names, partition table, image header; else it is
    made up as the firmware's SDK would. `partition_table` replaces any; `base` says where raw code runs.
    LoadError names what cannot be used.
    """
    path, notes = choose_firmware(path)
    firmware = _load(path, partition_table, base)
    return replace(firmware, notes=(*notes, *firmware.notes))


def _load(path: Path, partition_table: PartitionTable | None, base: int | None) -> Firmware:
    data, found = _contents(path, base)
    origin = Origin(path.name)
    if partition_table is not None and found in (Format.FLASH, Format.FLASH_REST):
        raise origin.error("partition table", "what a flash held has its own, or none: leave the other out")
    match found:
        case Format.ELF:
            return _from_elf(parse_elf(data, origin), path, partition_table)
        case Format.IMAGES:
            images = parse_fls(data, origin)
            firmware = firmware_of_images(images, origin, partition_table or _built_table(path, images))
            return _with_names(firmware, path)
        case Format.FLASH:
            return _with_names(firmware_of_flash(data, origin), path)
        case Format.FLASH_REST:
            return _with_names(firmware_of_flash(_ERASED * BOOTLOADER_OFFSET + data, origin), path)
        case Format.INTEL_HEX | Format.S_RECORDS:
            pieces = parse_records(data, found, origin)
            firmware = firmware_of_memory(pieces, origin, partition_table or load_table_beside(path))
            return _with_names(firmware, path)
        case Format.RAW:
            firmware = _from_raw(data, base, origin, partition_table or load_table_beside(path))
            return _with_names(firmware, path)
        case Format.SEVEN_ZIP:
            return _from_luatos(data, origin, partition_table)
    raise refuse(found, origin)


def _contents(path: Path, base: int | None) -> tuple[bytes, Format]:
    """The bytes of a file without its packing, and their format; with a base they are code as they are."""
    data, origin = read_file(path), Origin(path.name)
    if base is None:
        return unwrap(data, origin)
    return unwrap_raw(data, origin), Format.RAW


def _from_elf(program: ElfProgram, path: Path, table: PartitionTable | None) -> Firmware:
    origin = Origin(path.name)
    built = _built_image(program, path)
    firmware = firmware_of_program(program, origin, table or load_table_beside(path), built)
    return _named(firmware, program)


def _from_raw(data: bytes, base: int | None, origin: Origin, table: PartitionTable | None) -> Firmware:
    address = vector_base(data) if base is None else base
    assert address is not None  # else it would not have been recognised
    firmware = firmware_of_memory((MemoryPiece(address, data),), origin, table)
    note = f"{origin.name}: raw code for {address:#010x}, as its vector table says"
    return replace(firmware, kind=FirmwareKind.RAW, notes=() if base is not None else (note,))


def _from_luatos(data: bytes, origin: Origin, table: PartitionTable | None) -> Firmware:
    package = parse_soc(data, origin)
    firmware = firmware_of_images(package.images, origin, table)
    pieces = firmware.pieces if package.script is None else (*firmware.pieces, package.script)
    return replace(firmware, kind=FirmwareKind.LUATOS, pieces=pieces, chip=package.chip)


def load_partition_table(path: Path) -> PartitionTable:
    """Load a table from its binary form, its .img, or a CSV file."""
    data = read_file(path)
    origin = Origin(path.name)
    try:
        found = recognise(data, origin)
    except LoadError:
        found = Format.TABLE_TEXT
    if found is Format.PARTITION_TABLE:
        return PartitionTable.parse(data, origin)
    if found is Format.IMAGES:
        image = Image.parse(data, origin).verify()
        return PartitionTable.parse(image.body, origin.at(HEADER_SIZE))
    try:
        return PartitionTable.parse_csv(data.decode(), origin)
    except UnicodeDecodeError:
        raise origin.error("magic", "neither a partition table nor text: give a .bin, .img or .csv") from None


def load_bootloader(path: Path, app_header_address: int) -> Image:
    """Load a second bootloader, as .img or as the bare binary; that one is told where the app's header is."""
    origin = Origin(path.name)
    data, found = unwrap(read_file(path), origin)
    if found is Format.RAW and vector_base(data) == BOOTLOADER_RUN_ADDRESS:
        return bootloader_image(
            _UNKNOWN_VERSION, data, app_header_address=app_header_address, name=origin.name
        )
    if found is not Format.IMAGES:
        raise origin.error("format", f"this is {found}, not a second bootloader: give its .img or .bin")
    image = Image.parse(data, origin).verify()
    if image.header.image_type != ImageType.BOOTLOADER:
        raise origin.at(4).error("image type", f"{image.header.image_type} is no bootloader's: give its .img")
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


def load_table_beside(path: Path) -> PartitionTable | None:
    """The partition table of the build that a file lies in."""
    table = table_beside(path)
    return None if table is None else load_partition_table(table)


def _built_table(path: Path, images: tuple[Image, ...]) -> PartitionTable | None:
    """That of the build, unless the package brings its own."""
    brings_own = any(image.header.image_type == ImageType.PARTITION_TABLE for image in images)
    return None if brings_own else load_table_beside(path)


def _with_names(firmware: Firmware, path: Path) -> Firmware:
    """Take the names from the ELF beside a file, if the app was made of it; say so if it was not."""
    app = firmware.app
    if app is None:
        return firmware
    for candidate in programs_beside(path):
        program = parse_elf(read_file(candidate), Origin(candidate.name))
        if is_made_of(app, program):
            return _named(firmware, program)
        age = "newer and " if is_newer(candidate, path) else ""
        note = (
            f"{candidate.name} beside {path.name} is {age}of another build: neither it nor its names are used"
        )
        firmware = replace(firmware, notes=(*firmware.notes, note))
    return firmware


def _built_image(program: ElfProgram, path: Path) -> Image | None:
    """The image that the build has made of an ELF beside it; an older one is of no use."""
    try:
        image = Image.parse(path.with_suffix(".img").read_bytes(), Origin(path.name)).verify()
    except (OSError, LoadError):
        return None
    return image if is_made_of(image, program) else None


def _named(firmware: Firmware, program: ElfProgram) -> Firmware:
    return replace(
        firmware,
        symbols=program.symbols,
        lines=program.lines,
        structures=program.structures,
        call_frames=program.call_frames,
        elf=program.data,
    )


def symbols_of(path: Path) -> Symbols:
    """Read only the names of an ELF file."""
    return parse_elf(read_file(path), Origin(path.name)).symbols
