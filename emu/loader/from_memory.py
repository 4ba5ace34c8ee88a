"""A firmware from a program: an ELF file, records or raw code, which say only which bytes lie where."""

from __future__ import annotations

from dataclasses import replace

from emu.loader.elf import ElfProgram
from emu.loader.errors import LoadError, Origin
from emu.loader.firmware import Firmware, FirmwareKind, RamProgram
from emu.loader.flash_contents import images_in, reader
from emu.loader.from_flash import firmware_of_pieces
from emu.loader.from_images import firmware_of_images
from emu.loader.headers import BOOTLOADER_RUN_ADDRESS, app_image, needs_partition_table, table_for
from emu.loader.image import HEADER_SIZE, HEADER_TO_BODY, Image
from emu.loader.partition_table import PartitionTable
from emu.loader.piece import FlashPiece, MemoryPiece
from emu.loader.recognise import BOOTLOADER_OFFSET, is_image
from emu.loader.vectors import VECTOR_ALIGNMENT, VECTORS_SIZE
from emu.memory_map import FLASH_BASE, FLASH_END, SRAM_BASE, SRAM_END


def firmware_of_program(
    program: ElfProgram, origin: Origin, table: PartitionTable | None, built: Image | None
) -> Firmware:
    """Lay out a linked program; `built` is the image that its build has made of it, if that is known."""
    if program.flash_contents:
        code = MemoryPiece(program.flash_address, program.flash_contents)
        firmware = _firmware_in_flash((code,), origin, table, built, is_program=True)
        version = firmware.version if built else ""
        return replace(firmware, kind=FirmwareKind.ELF, version=version)
    pieces = tuple(MemoryPiece(part.run_address, part.data) for part in program.segments if part.data)
    firmware = _firmware_in_ram(pieces, origin, program.entry or None)
    return replace(firmware, kind=FirmwareKind.ELF)


def firmware_of_memory(
    pieces: tuple[MemoryPiece, ...], origin: Origin, table: PartitionTable | None
) -> Firmware:
    """Lay out bytes at their addresses: contents of a flash, a program to be flashed, or one for RAM."""
    in_flash = tuple(piece for piece in pieces if FLASH_BASE <= piece.address < FLASH_END)
    if not in_flash:
        return _firmware_in_ram(pieces, origin, None)
    for piece in pieces:
        if not FLASH_BASE <= piece.address < FLASH_END:
            raise _misplaced(piece, origin)
    return _firmware_in_flash(in_flash, origin, table)


def _firmware_in_flash(
    pieces: tuple[MemoryPiece, ...],
    origin: Origin,
    table: PartitionTable | None,
    built: Image | None = None,
    *,
    is_program: bool = False,
) -> Firmware:
    stored = tuple(FlashPiece(piece.address - FLASH_BASE, piece.data, origin.name) for piece in pieces)
    read = reader(stored)
    if is_image(read(BOOTLOADER_OFFSET, HEADER_SIZE)):
        return firmware_of_pieces(stored, origin)
    address, contents = _merged(pieces, origin)
    if is_image(contents) and (images := tuple(images_in(read, None, origin, address - FLASH_BASE))):
        return replace(firmware_of_images(images, origin, table), kind=FirmwareKind.RECORDS)
    if not is_program:
        _verify_reset_vector(address, contents, origin)
    if address < BOOTLOADER_RUN_ADDRESS or address % VECTOR_ALIGNMENT:
        raise origin.error(
            "address",
            f"the code begins at {address:#010x}: a vector table lies at a multiple of "
            f"{VECTOR_ALIGNMENT:#x} from {BOOTLOADER_RUN_ADDRESS:#010x} on: correct linker script or base",
        )
    if table is None and needs_partition_table(address, contents):
        table = table_for(address - HEADER_TO_BODY - FLASH_BASE, None, len(contents))
    image = built or app_image(origin.name, address, contents, table)
    return replace(firmware_of_images((image,), origin, table), kind=FirmwareKind.RECORDS)


def _firmware_in_ram(pieces: tuple[MemoryPiece, ...], origin: Origin, entry: int | None) -> Firmware:
    for piece in pieces:
        if not SRAM_BASE <= piece.address <= piece.end <= SRAM_END:
            raise _misplaced(piece, origin)
    if not pieces:
        raise origin.error("program headers", "the program has no bytes to load: link it again")
    first = min(pieces, key=lambda piece: piece.address)
    if entry is None:
        _verify_reset_vector(first.address, first.data, origin)
    ram = RamProgram(pieces, first.address, entry)
    return Firmware(origin.name, FirmwareKind.RECORDS, (), first.address, ram=ram)


def _verify_reset_vector(address: int, contents: bytes, origin: Origin) -> None:
    """Other chips' programs, and a wrong base, show in the first word."""
    reset = int.from_bytes(contents[:4], "little")
    if len(contents) < VECTORS_SIZE or reset & 1 or not address <= reset < address + len(contents):
        raise origin.error(
            "vector table",
            f"{reset:#010x} is no reset vector in {address:#010x}..{address + len(contents):#010x}: "
            "the program is for another chip, or for another address (--base)",
        )


def _merged(pieces: tuple[MemoryPiece, ...], origin: Origin) -> tuple[int, bytes]:
    """One run of bytes; between the pieces the flash stays erased."""
    start, end = min(piece.address for piece in pieces), max(piece.end for piece in pieces)
    if end > FLASH_END:
        raise origin.error("address", f"ends at {end:#010x}, behind the flash: correct the linker script")
    contents = bytearray(b"\xff" * (end - start))
    for piece in pieces:
        contents[piece.address - start : piece.end - start] = piece.data
    return start, bytes(contents)


def _misplaced(piece: MemoryPiece, origin: Origin) -> LoadError:
    return origin.error(
        "address",
        f"{piece.address:#010x}..{piece.end:#010x} is neither in flash ({FLASH_BASE:#010x} and above) nor in "
        f"RAM ({SRAM_BASE:#010x}..{SRAM_END:#010x}): this is no program for the chip, or needs another base",
    )
