"""Writes call frame information as bytes (DWARF 5, 6.4), with numbers below 64 where they are of any length."""

from __future__ import annotations

import struct

from support.elf_builder import BuiltSection, build_elf

STACK_POINTER, LINK = 14, 15
COMMON_INSTRUCTIONS = bytes((0x0D, STACK_POINTER))
"""The frame begins at r14 + 0: all that the assembler says for C-SKY."""


def advance(size_bytes: int) -> bytes:
    """What follows holds behind that many bytes of code."""
    return bytes((0x40 | size_bytes // 2,))


def offset(size_bytes: int) -> bytes:
    """The frame begins so far above its register."""
    return bytes((0x0E, size_bytes))


def base(register: int) -> bytes:
    """The register that the frame is found by."""
    return bytes((0x0D, register))


def saved(register: int, below: int) -> bytes:
    """A register is saved so many bytes below where the frame begins."""
    return bytes((0x80 | register, below // 4))


def entry(contents: bytes) -> bytes:
    """An entry with its length, filled up to words with instructions that do nothing."""
    contents += bytes(-len(contents) % 4)
    return struct.pack("<I", len(contents)) + contents


def common(
    instructions: bytes = COMMON_INSTRUCTIONS, *, version: int = 1, augmentation: bytes = b"\0"
) -> bytes:
    """An entry that functions share: code in units of 2 bytes, data of -4, the return address in r15."""
    sizes = b"\x04\0" if version == 4 else b""
    head = struct.pack("<IB", 0xFFFF_FFFF, version) + augmentation + sizes
    return entry(head + bytes((2, 0x7C, LINK)) + instructions)


def function(start: int, size_bytes: int, instructions: bytes, shared: int = 0) -> bytes:
    """The entry of a function; `shared`: where in the section is what it shares."""
    return entry(struct.pack("<3I", shared, start, size_bytes) + instructions)


def elf_with(section: bytes, flags: int = 0) -> bytes:
    """A program with that as .debug_frame."""
    return build_elf(
        [BuiltSection(".text", 0x0800_F400, bytes(64)), BuiltSection(".debug_frame", 0, section, flags=flags)]
    )
