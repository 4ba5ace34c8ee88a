"""The checks that mask ROM and bootloader make before they trust an image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from emu.loader.checksum import crc32
from emu.loader.image import (
    HEADER_SIZE,
    HEADER_TO_BODY,
    MAGIC,
    SIGNATURE_SIZE,
    Compression,
    ImageHeader,
    ImageType,
)
from emu.memory_map import FLASH_BASE
from roms.boot_chip import BootChip, Verdict, flash_offset

_MEMORY_BASE: Final = 0x2000_0000
_MEMORY_END: Final = 0x2004_8000
_PSRAM_BASE: Final = 0x3000_0000


Check = Callable[[BootChip, ImageHeader], Verdict]
"""Judges a header."""


class Found(NamedTuple):
    """Where a chain of headers ends, and how its image was judged."""

    verdict: Verdict
    header: ImageHeader
    offset: int
    """Of the header."""


def is_sealed(header: ImageHeader) -> bool:
    """Tell whether a header has the checksum it should have."""
    return header.header_crc == header.computed_crc


def check_header(
    chip: BootChip, header: ImageHeader, is_sealed: Callable[[ImageHeader], bool] = is_sealed
) -> Verdict:
    """Judge magic number, addresses, size and checksum, in the order of the bootloaders.

    Images that run from memory pass, as on the chip; that they are loaded there is not modelled.
    """
    if header.magic != MAGIC:
        return Verdict.BAD_HEADER
    address = header.run_address
    if header.compression is not Compression.GZIP and address % HEADER_TO_BODY:
        return Verdict.NOT_ALIGNED
    flash_end = FLASH_BASE + chip.flash.size_bytes
    if flash_end <= address < _MEMORY_BASE or _MEMORY_END <= address < _PSRAM_BASE:
        return Verdict.BAD_ADDRESS
    if not header.body_size or (address < _MEMORY_BASE and header.body_size >= flash_end - address):
        return Verdict.TOO_LARGE
    return Verdict.GOOD if is_sealed(header) else Verdict.BAD_HEADER


def check_body(chip: BootChip, header: ImageHeader, offset: int) -> Verdict:
    """Judge the checksum of a body in flash.

    Not modelled: chips with keys in the security registers verify a signature instead.
    """
    if header.body_size > chip.flash.size_bytes:  # the chip reads it nevertheless, again and again
        return Verdict.BAD_BODY
    body = chip.read(offset, header.body_size)
    return Verdict.GOOD if crc32(body) == header.body_crc else Verdict.BAD_BODY


def find_run_image(chip: BootChip, offset: int, check: Check = check_header) -> Found:
    """Follow the chain of headers from the bootloader's to the first app and check what runs there."""
    while True:
        header = chip.read_header(offset)
        if (verdict := check(chip, header)) is not Verdict.GOOD:
            return Found(verdict, header, offset)
        if header.image_type == ImageType.USER:
            return Found(check_body(chip, header, flash_offset(header.run_address)), header, offset)
        following = header.next_header_address  # one that leads back would keep the chip busy for ever
        if (
            not FLASH_BASE <= following < FLASH_BASE + chip.flash.size_bytes
            or flash_offset(following) <= offset
        ):
            return Found(Verdict.BAD_ADDRESS, header, offset)
        offset = flash_offset(following)


def find_ota_image(chip: BootChip, offset: int, check: Check = check_header) -> Found:
    """Walk over OTA images that lie end to end to the first app and check it as it is stored."""
    while True:
        header = chip.read_header(offset)
        if (verdict := check(chip, header)) is not Verdict.GOOD:
            return Found(verdict, header, offset)
        if header.image_type == ImageType.USER:
            return Found(check_body(chip, header, offset + HEADER_SIZE), header, offset)
        behind = offset + HEADER_SIZE + header.body_size + (SIGNATURE_SIZE if header.is_signed else 0)
        if behind >= chip.flash.size_bytes:
            return Found(Verdict.BAD_ADDRESS, header, offset)
        offset = behind
