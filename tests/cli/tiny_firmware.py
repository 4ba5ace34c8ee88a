"""Firmware of a few instructions as an ELF file, booted like any other."""

from __future__ import annotations

from pathlib import Path

from machine.device import SPIN
from support.elf_builder import BuiltSection, BuiltSymbol, build_elf

VECTORS = 0x0800_F400
MAIN = VECTORS + 0x100
HANDLER = MAIN + 0x800


def write_firmware(path: Path, program: bytes) -> Path:
    """Write an ELF that runs `program` from reset; every exception ends in a loop."""
    vectors = MAIN.to_bytes(4, "little") + HANDLER.to_bytes(4, "little") * 63
    text = (vectors + program).ljust(HANDLER - VECTORS, b"\0") + SPIN
    symbols = [BuiltSymbol("main", MAIN, HANDLER - MAIN, kind=2), BuiltSymbol("handler", HANDLER, 2, kind=2)]
    path.write_bytes(build_elf([BuiltSection(".text", VECTORS, text)], symbols, entry=MAIN))
    return path
