"""Writes small ELF programs, so that tests of the loader need no toolchain."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_HEADER_SIZE = 52
_PROGRAM_HEADER_SIZE = 32
_FUNC, _OBJECT, _NOTYPE = 2, 1, 0


@dataclass(frozen=True)
class BuiltSection:
    name: str
    address: int
    data: bytes
    load_address: int | None = None
    flags: int = 0x2
    """Allocated; 0: only for debuggers."""


@dataclass(frozen=True)
class BuiltSymbol:
    name: str
    address: int
    size: int = 0
    kind: int = _NOTYPE
    is_global: bool = True
    section: int = 1


class _Strings:
    def __init__(self) -> None:
        self.data = b"\0"

    def add(self, text: str) -> int:
        offset = len(self.data)
        self.data += text.encode() + b"\0"
        return offset


def build_elf(
    sections: list[BuiltSection],
    symbols: list[BuiltSymbol] | None = None,
    *,
    machine: int = 252,
    elf_type: int = 2,
    entry: int = 0x0800_F500,
) -> bytes:
    names, strings = _Strings(), _Strings()
    symbol_data = bytes(16)
    for symbol in symbols or []:
        info = (1 if symbol.is_global else 0) << 4 | symbol.kind
        symbol_data += struct.pack(
            "<IIIBBH", strings.add(symbol.name), symbol.address, symbol.size, info, 0, symbol.section
        )
    offset = _HEADER_SIZE + _PROGRAM_HEADER_SIZE * len(sections)
    body, headers, programs = b"", [bytes(40)], b""
    for section in sections:
        load_address = section.address if section.load_address is None else section.load_address
        size = len(section.data)
        is_loaded = section.flags >> 1 & 1  # one in no memory has an entry for nothing
        programs += struct.pack(
            "<8I", is_loaded, offset + len(body), section.address, load_address, size, size, 7, 4
        )
        fields = (names.add(section.name), 1, section.flags, section.address, offset + len(body), size)
        headers.append(struct.pack("<10I", *fields, 0, 0, 4, 0))
        body += section.data
    for name, kind, data, link, entry_size in (
        (".symtab", 2, symbol_data, len(sections) + 2, 16),
        (".strtab", 3, strings.data, 0, 0),
        (".shstrtab", 3, b"", 0, 0),
    ):
        name_offset = names.add(name)
        data = names.data if name == ".shstrtab" else data
        headers.append(
            struct.pack(
                "<10I", name_offset, kind, 0, 0, offset + len(body), len(data), link, 0, 4, entry_size
            )
        )
        body += data
    header = b"\x7fELF" + bytes([1, 1, 1]) + bytes(9)
    header += struct.pack(
        "<HHIIIIIHHHHHH",
        elf_type, machine, 1, entry, _HEADER_SIZE, offset + len(body), 0,
        _HEADER_SIZE, _PROGRAM_HEADER_SIZE, len(sections), 40, len(headers), len(headers) - 1,
    )  # fmt: skip
    return header + programs + body + b"".join(headers)


def small_program(text: bytes = b"\x00\xf5\x00\x08" * 64) -> bytes:
    """A program as the SDK links it: .data has no load address of its own, __erodata says where it goes."""
    rodata = b"read only data, "
    text_end = 0x0800_F400 + len(text)
    return build_elf(
        [
            BuiltSection(".data", 0x2000_0100, b"initial values.."),
            BuiltSection(".text", 0x0800_F400, text),
            BuiltSection(".rodata", text_end, rodata),
        ],
        [
            BuiltSymbol("main", 0x0800_F410, 0x20, _FUNC, section=2),
            BuiltSymbol("reset_handler", 0x0800_F400, section=2),
            BuiltSymbol("$t", 0x0800_F400, is_global=False, section=2),
            BuiltSymbol("counter", 0x2000_0100, 4, _OBJECT),
            BuiltSymbol("limit", 42, section=0xFFF1),
            BuiltSymbol("__erodata", text_end + len(rodata), section=3),
        ],
    )
