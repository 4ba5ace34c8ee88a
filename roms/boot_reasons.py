"""Why an image is refused, told to the user, not by the chip: what its header says, and what is there."""

from __future__ import annotations

from emu.loader.checksum import crc32
from emu.loader.image import MAGIC, ImageHeader
from roms.boot_chip import BootChip, Verdict
from roms.boot_unpack import Code

_UNPACKING = {
    Code.MEMORY_LIMIT: "its xz dictionary is larger than 32 KB",
    Code.FORMAT: "its body is no xz data",
    Code.OPTIONS: "its xz data have a check other than CRC32 or none, or a filter",
    Code.DATA: "its packed data are damaged",
    Code.BUFFER: "its packed data end early",
}


def fault(chip: BootChip, header: ImageHeader, verdict: Verdict, body_offset: int = 0) -> str:
    """What is wrong with an image, with the field of its header; looking takes no time."""
    match verdict:
        case Verdict.BAD_BODY:
            computed = crc32(chip.flash.read(body_offset, min(header.body_size, chip.flash.size_bytes)))
            figures = f"body CRC {header.body_crc:#010x}, {computed:#010x} is that of the body"
        case Verdict.TOO_LARGE:
            figures = f"body size {header.body_size:#x} and run address {header.run_address:#010x}"
        case Verdict.BAD_HEADER if header.magic != MAGIC:
            figures = f"magic number {header.magic:#010x} instead of {MAGIC:#010x}"
        case Verdict.BAD_HEADER:
            figures = f"CRC {header.header_crc:#010x}, {header.computed_crc:#010x} is that of its fields"
        case _:
            figures = f"run address {header.run_address:#010x} and image type {header.image_type}"
    return f"the header has {figures}: {verdict.meaning}"


def unpacking_fault(code: Code) -> str:
    """What a decoder's code means."""
    return _UNPACKING.get(code, f"its packed data end early (code {code:d})")


def is_there(header: ImageHeader) -> bool:
    """Whether somebody has put an image there: without one there is nothing to refuse."""
    return header.magic == MAGIC
