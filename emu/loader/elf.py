"""ELF files of the C-SKY toolchain: what goes into flash, what the names are."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from elftools.common.exceptions import ELFError
from elftools.construct import ConstructError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import Section, SymbolTableSection

from emu.escape import escaped
from emu.loader.dwarf import Dwarf
from emu.loader.errors import LoadError, Origin
from emu.loader.source_lines import SourceLines
from emu.loader.structures import Structures
from emu.loader.symbols import Symbol, SymbolKind, Symbols, with_sizes

ELF_MAGIC: Final = b"\x7fELF"

_CLASS_32: Final = 1
_LITTLE_ENDIAN: Final = 1
_BIG_ENDIAN: Final = 2
_EXECUTABLE: Final = 2
_KINDS_OF_FILE: Final = {1: "object file", 3: "shared library", 4: "core dump"}
_MACHINES: Final = {
    3: "x86",
    8: "MIPS",
    39: "M-CORE",
    40: "Arm",
    62: "x86-64",
    94: "Xtensa",
    183: "AArch64",
    243: "RISC-V",
}
"""e_machine of what people have at hand (elf.h)."""
_CSKY: Final = 252
_HEADER_SIZE: Final = 52
_ALLOCATED: Final = 0x2  # SHF_ALLOC
_KINDS: Final = {
    "STT_FUNC": SymbolKind.FUNCTION,
    "STT_OBJECT": SymbolKind.OBJECT,
    "STT_NOTYPE": SymbolKind.LABEL,
}

FLASH_BASE: Final = 0x0800_0000
FLASH_END: Final = 0x0900_0000
"""The mask ROM knows 3-byte flash addresses: 16 MB (rom.rst)."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A range of memory the file asks for: `data`, then zeros up to `size_bytes`."""

    load_address: int
    run_address: int
    data: bytes
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ElfProgram:
    """A linked program."""

    entry: int
    segments: tuple[Segment, ...]
    flash_address: int
    """Where in flash the program begins; 0 when nothing of it is linked there."""
    flash_contents: bytes
    """What the SDK's elf2bin makes of the file."""
    symbols: Symbols
    lines: SourceLines
    structures: Structures


def parse_elf(data: bytes, origin: Origin) -> ElfProgram:
    """Read a program; refuse files that are damaged, or made for another machine."""
    _check_identity(data, origin)
    try:
        elf = ELFFile(io.BytesIO(data))
        _check_length(elf, data, origin)
        segments = tuple(_segments(elf))
        symbols = Symbols(_symbols(elf))
        address, contents = _flash_contents(elf, symbols, origin)
        entry = elf.header["e_entry"]
    except (ELFError, ConstructError, struct.error, UnicodeDecodeError) as error:
        raise origin.error("ELF", f"damaged or truncated ({error}): link it again") from None
    _check_overlaps(segments, origin)
    dwarf = Dwarf(data)
    return ElfProgram(entry, segments, address, contents, symbols, SourceLines(dwarf), Structures(dwarf))


def _check_identity(data: bytes, origin: Origin) -> None:
    if data[:4] != ELF_MAGIC:
        raise origin.error("magic", f"{data[:4].hex(' ')} is not an ELF file's 7f 45 4c 46: give an ELF file")
    if len(data) < _HEADER_SIZE:
        raise origin.error("ELF header", f"{len(data)} of {_HEADER_SIZE} bytes: the file is truncated")
    order = ">" if data[5] == _BIG_ENDIAN else "<"
    kind, machine = struct.unpack_from(f"{order}HH", data, 16)
    if machine != _CSKY:
        name = f" ({_MACHINES[machine]})" if machine in _MACHINES else ""
        raise origin.at(18).error(
            "machine",
            f"{machine}{name} is not C-SKY ({_CSKY}): build with the C-SKY toolchain, -mcpu=ck804ef",
        )
    if data[4] != _CLASS_32:
        raise origin.at(4).error("class", f"{data[4]} is not 32 bit: build for C-SKY (-mcpu=ck804ef)")
    if data[5] != _LITTLE_ENDIAN:
        raise origin.at(5).error("data", f"{data[5]} is not little endian: build with -mlittle-endian")
    if kind != _EXECUTABLE:
        name = _KINDS_OF_FILE.get(kind, "unknown")
        raise origin.at(16).error("type", f"{kind} ({name}) is not an executable: link the program")


def _check_length(elf: ELFFile, data: bytes, origin: Origin) -> None:
    tables = (
        ("program headers", elf.header["e_phoff"], elf.header["e_phnum"] * elf.header["e_phentsize"]),
        ("section headers", elf.header["e_shoff"], elf.header["e_shnum"] * elf.header["e_shentsize"]),
    )
    contents = (
        ("segment", header["p_offset"], header["p_filesz"])
        for header in (segment.header for segment in elf.iter_segments())
    )
    sections = (
        ("section", header["sh_offset"], header["sh_size"])
        for header in (section.header for section in elf.iter_sections())
        if header["sh_type"] != "SHT_NOBITS"
    )
    for ranges in (tables, contents, sections):
        for name, offset, size in ranges:
            if offset + size > len(data):
                raise origin.at(offset).error(
                    name, f"{size:#x} bytes, the file ends at {len(data):#x}: it is truncated; copy it again"
                )


def _segments(elf: ELFFile) -> Iterator[Segment]:
    for segment in elf.iter_segments("PT_LOAD"):
        header = segment.header
        if header["p_memsz"]:
            yield Segment(header["p_paddr"], header["p_vaddr"], segment.data(), header["p_memsz"])


def _check_overlaps(segments: tuple[Segment, ...], origin: Origin) -> None:
    stored = sorted(
        (segment for segment in segments if segment.data), key=lambda segment: segment.load_address
    )
    for low, high in pairwise(stored):
        end = low.load_address + len(low.data)
        if end > high.load_address:
            raise origin.error(
                "segments",
                f"{low.load_address:#010x}..{end:#010x} and {high.load_address:#010x} overlap: "
                "correct the linker script",
            )


def _symbols(elf: ELFFile) -> list[Symbol]:
    section_end: dict[Symbol, int] = {}
    for table in elf.iter_sections():
        if not isinstance(table, SymbolTableSection) or table.name != ".symtab":
            continue
        for entry in table.iter_symbols():
            if (section := _section_of(elf, entry)) is not None:
                symbol = Symbol(
                    escaped(entry.name),
                    entry["st_value"],
                    entry["st_size"],
                    _KINDS[entry["st_info"]["type"]],
                    entry["st_info"]["bind"] != "STB_LOCAL",
                )
                section_end[symbol] = section["sh_addr"] + section["sh_size"]
    return with_sizes(section_end)


def _section_of(elf: ELFFile, entry: Any) -> Section | None:
    """The section of a symbol that people know: no file, section, constant or mark of the assembler."""
    if entry["st_info"]["type"] not in _KINDS:
        return None
    if not entry.name or entry.name.startswith((".L", "$")):
        return None
    index = entry["st_shndx"]
    return elf.get_section(index) if isinstance(index, int) else None  # SHN_ABS and the like are strings


def _flash_contents(elf: ELFFile, symbols: Symbols, origin: Origin) -> tuple[int, bytes]:
    """Lay out what is loaded into flash, then .data.

    The SDK links .data without a load address; its start-up code looks for the contents at __erodata, behind
    .rodata (elf2bin.py, startup.S). Where a linker script gives .data a load address in flash, that counts.
    """
    pieces: list[tuple[int, bytes]] = []
    data_section = b""
    for section in elf.iter_sections():
        if (
            section["sh_type"] != "SHT_PROGBITS"
            or not section["sh_flags"] & _ALLOCATED
            or not section["sh_size"]
        ):
            continue
        address = _load_address(elf, section)
        if FLASH_BASE <= address < FLASH_END:
            pieces.append((address, section.data()))
        elif section.name == ".data":
            data_section = section.data()
    if not any(elf.iter_sections()):  # stripped of them: the program headers say the same
        pieces = [(part.load_address, part.data) for part in _segments(elf) if part.data]
        pieces = [piece for piece in pieces if FLASH_BASE <= piece[0] < FLASH_END]
    if not pieces:
        return 0, b""
    end = max(address + len(data) for address, data in pieces)
    if data_section:
        pieces.append((symbols["__erodata"].address if "__erodata" in symbols else end, data_section))
    return _lay_out(pieces, origin)


def _load_address(elf: ELFFile, section: Section) -> int:
    address: int = section["sh_addr"]
    for segment in elf.iter_segments("PT_LOAD"):
        header = segment.header
        if header["p_vaddr"] <= address < header["p_vaddr"] + header["p_memsz"]:
            return int(header["p_paddr"] + address - header["p_vaddr"])
    return address


def _lay_out(pieces: list[tuple[int, bytes]], origin: Origin) -> tuple[int, bytes]:
    start = min(address for address, _ in pieces)
    end = max(address + len(data) for address, data in pieces)
    if end > FLASH_END:
        raise LoadError(f"{origin.name}: ends at {end:#010x}, behind the flash: correct the linker script")
    contents = bytearray(b"\xff" * (end - start))
    for address, data in pieces:
        contents[address - start : address - start + len(data)] = data
    return start, bytes(contents)
