"""What a file is, told by its contents alone: the one place that decides it for every command."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from emu.loader.checksum import crc32
from emu.loader.elf import ELF_MAGIC
from emu.loader.errors import LoadError, Origin
from emu.loader.image import HEADER_SIZE, HEADER_TO_BODY, MAGIC, ImageHeader
from emu.loader.partition_table import TABLE_MAGIC_BYTES
from emu.loader.vectors import vector_base

BOOTLOADER_OFFSET: Final = 0x2000
"""Where in flash the mask ROM looks for the first image (rom.rst)."""

IMAGE_MAGIC: Final = MAGIC.to_bytes(4, "little")


class Format(StrEnum):
    """The forms in which firmware and what belongs to it come."""

    ELF = "ELF program"
    IMAGES = "images"
    FLASH = "flash contents"
    FLASH_REST = "flash contents without their first 8 KB"
    PARTITION_TABLE = "partition table"
    TABLE_TEXT = "partition table as CSV"
    INTEL_HEX = "Intel HEX"
    S_RECORDS = "Motorola S-records"
    GZIP = "gzip"
    XZ = "xz"
    SEVEN_ZIP = "7-Zip archive"
    RAW = "raw code"


_CSV_ROW: Final = re.compile(rb"^\s*\w+\s*(,\s*(0[xX])?[0-9a-fA-F]+\s*){3}$", re.MULTILINE)
_HEX_RECORD: Final = re.compile(rb"(\xef\xbb\xbf)?(\s*[;#/][^\n]*\n)*\s*:[0-9a-fA-F]{10,}\s")
_S_RECORD: Final = re.compile(rb"(\xef\xbb\xbf)?(\s*[;#/][^\n]*\n)*\s*[Ss][0-9][0-9a-fA-F]{6,}\s")


def recognise(data: bytes, origin: Origin) -> Format:
    """Tell the format of a file's contents; a LoadError names what it is instead and what to do."""
    for found, fits in _FORMATS:
        if fits(data):
            return found
    raise origin.error("magic", _foreign(data))


def is_flash(data: bytes) -> bool:
    """Tell flash contents from images, which share a magic number with the factory parameters."""
    header = data[BOOTLOADER_OFFSET : BOOTLOADER_OFFSET + HEADER_SIZE]
    if len(header) < HEADER_SIZE or not header.startswith(IMAGE_MAGIC):
        return False
    return not data.startswith(IMAGE_MAGIC) or not is_image(data)


def is_image(data: bytes) -> bool:
    """Tell whether a good image header stands at the start."""
    header = ImageHeader.unpack(data[:HEADER_SIZE]) if len(data) >= HEADER_SIZE else None
    return header is not None and header.magic == MAGIC and header.header_crc == header.computed_crc


_FORMATS: Final[tuple[tuple[Format, Callable[[bytes], bool]], ...]] = (
    (Format.ELF, lambda data: data.startswith(ELF_MAGIC)),
    (Format.FLASH, is_flash),
    (Format.FLASH_REST, lambda data: is_flash(bytes(BOOTLOADER_OFFSET) + data) and _has_gap(data)),
    (Format.IMAGES, lambda data: data.startswith(IMAGE_MAGIC) and not _is_w600(data)),
    (Format.PARTITION_TABLE, lambda data: data.startswith(TABLE_MAGIC_BYTES)),
    (Format.GZIP, lambda data: data.startswith(b"\x1f\x8b")),
    (Format.XZ, lambda data: data.startswith(b"\xfd7zXZ\0")),
    (Format.SEVEN_ZIP, lambda data: data.startswith(b"7z\xbc\xaf\x27\x1c")),
    (Format.INTEL_HEX, lambda data: _HEX_RECORD.match(data) is not None),
    (Format.S_RECORDS, lambda data: _S_RECORD.match(data) is not None),
    (Format.TABLE_TEXT, lambda data: _is_text(data[:1024]) and _CSV_ROW.search(data[:4096]) is not None),
    (Format.RAW, lambda data: vector_base(data) is not None),
)


def _has_gap(data: bytes) -> bool:
    """Whether the header's body lies where it does in flash, and not right behind the header."""
    return (
        is_image(data) and not data[HEADER_SIZE:HEADER_TO_BODY].strip(b"\xff") and len(data) > HEADER_TO_BODY
    )


def _is_w600(data: bytes) -> bool:
    """The chip before the family: the same magic number, a header of 56 bytes (wm_fwup.h of its SDK)."""
    return len(data) >= HEADER_SIZE and crc32(data[:52]) == int.from_bytes(data[52:56], "little")


def _is_text(data: bytes) -> bool:
    return bool(data) and not any(byte < 9 or 13 < byte < 32 for byte in data)


_GIVE: Final = "give an ELF, .img, .fls, .hex, .srec, .soc or flash .bin file, or a build folder"
_UNPACK: Final = "unpack it and give the firmware inside"
_FOREIGN: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"PK\x03\x04", f"a ZIP archive: {_UNPACK}"),
    (0, b"Rar!", f"a RAR archive: {_UNPACK}"),
    (0, b"BZh", f"a bzip2 file: {_UNPACK}"),
    (0, b"\x28\xb5\x2f\xfd", f"a Zstandard file: {_UNPACK}"),
    (257, b"ustar", f"a tar archive: {_UNPACK}"),
    (0, b"!<arch>\n", "a static library: link a program with it and give that"),
    (0, b"MZ", f"a Windows program: {_GIVE}"),
    (0, b"\xcf\xfa\xed\xfe", f"a macOS program: {_GIVE}"),
    (0, b"UF2\n", f"a UF2 file, which the chip's tools do not make: {_GIVE}"),
    (0, b"\x1bLua", "compiled Lua: give the firmware that runs it"),
    (0, b"\x89PNG", f"a picture: {_GIVE}"),
    (0, b"\xff\xd8\xff", f"a picture: {_GIVE}"),
    (0, b"%PDF", f"a PDF document: {_GIVE}"),
)


def _foreign(data: bytes) -> str:
    """Name what is not ours."""
    if not data:
        return f"no bytes: not a firmware; {_GIVE}"
    for offset, magic, what in _FOREIGN:
        if data[offset:].startswith(magic):
            return f"this is {what}"
    if data.startswith(IMAGE_MAGIC):
        return "this is an image of the W600, an Arm chip: build it for the W800 family"
    if not data.strip(b"\xff"):
        return f"only ff: an erased flash, not a firmware; {_GIVE}"
    if _is_text(data[:1024]):
        return f"{data[:4].hex(' ')}: text, not a firmware; {_GIVE}"
    return f"{data[:4].hex(' ')}: not a firmware; {_GIVE}; for raw code say where it runs: --base ADDRESS"


def refuse(found: Format, origin: Origin) -> LoadError:
    """The error for a known format in a place where it is of no use."""
    what = {
        Format.PARTITION_TABLE: "give the firmware, and this with --partition-table",
        Format.TABLE_TEXT: "give the firmware, and this with --partition-table",
        Format.SEVEN_ZIP: "unpack it and give the firmware inside",
    }.get(found, _GIVE)
    return origin.error("format", f"this is a {found}, not a firmware: {what}")
