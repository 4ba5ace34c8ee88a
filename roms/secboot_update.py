"""Carrying out an update as the classic secboots do: unpacking or moving an OTA image to where it runs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final

from emu.loader.image import HEADER_SIZE, Compression, ImageHeader
from emu.memory_map import FLASH_BASE
from roms.boot_checks import Check
from roms.boot_chip import BootChip, Verdict, flash_offset
from roms.boot_flash import SectorWriter, move_image
from roms.boot_reasons import fault
from roms.secboot_unpack import DamagedStreamError, inflate

UNPACK_NS_PER_BYTE: Final = 450
"""What the binaries take for a byte they unpack, executed at 80 MHz and a cycle an instruction."""


class EndlessError(Exception):
    """The bootloader would go on unpacking for ever."""


def update(chip: BootChip, ota: ImageHeader, run: ImageHeader, check: Check) -> ImageHeader | None:
    """Bring an OTA image to its place; `run` is the header that was found where apps run.

    Returns the header of what should run now: still that one if the image inside was refused. None:
    nothing could be unpacked. Of data that turn out to be damaged later, some have been written.
    """
    if ota.compression is not Compression.GZIP:
        move_image(chip, ota)
        return ota
    blocks = _blocks(chip, ota)
    try:
        first = next(blocks, b"")
    except DamagedStreamError:
        return None
    if not first:
        return None
    header = ImageHeader.unpack(first[:HEADER_SIZE].ljust(HEADER_SIZE, b"\0"))
    verdict = check(chip, header)
    is_good = verdict is Verdict.GOOD
    if is_good and header.run_address < FLASH_BASE:
        return None
    try:
        if is_good:
            _install(chip, header, chain((first[HEADER_SIZE:],), blocks))
        else:
            list(blocks)  # to the end, for nothing
            where = f"the image at {ota.upgrade_address:#010x}"
            chip.note(f"no update, {where} is refused: inside it, {fault(chip, header, verdict)}")
    except DamagedStreamError:
        pass  # the check of the body will tell
    return header if is_good else run


def _blocks(chip: BootChip, ota: ImageHeader) -> Iterator[bytes]:
    source = flash_offset(ota.upgrade_address) + HEADER_SIZE
    unpacked = 0
    for block in inflate(lambda offset, size: chip.read(source + offset, size), ota.body_size):
        chip.wait(len(block) * UNPACK_NS_PER_BYTE)
        unpacked += len(block)
        if unpacked > chip.flash.size_bytes:
            raise EndlessError
        yield block


def _install(chip: BootChip, header: ImageHeader, blocks: Iterator[bytes]) -> None:
    """Write the header, then the body; what the writer still holds when the data are damaged is lost."""
    writer = SectorWriter(chip)
    writer.write(flash_offset(header.header_address), header.pack())
    writer.flush()
    offset = flash_offset(header.run_address)
    for block in blocks:
        writer.write(offset, block)
        offset += len(block)
    writer.flush()
