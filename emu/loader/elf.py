"""ELF files of the C-SKY toolchain: what goes into flash, what the names are."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from emu.escape import escaped
from emu.loader.call_frames import CallFrames
from emu.loader.dwarf import Dwarf
from emu.loader.elf_tables import LOADED, PROGBITS, ElfTables, SymbolEntry
from emu.loader.errors import LoadError, Origin
from emu.loader.source_lines import SourceLines
from emu.loader.structures import Structures
from emu.loader.symbols import Symbol, SymbolKind, Symbols, with_sizes
from emu.memory_map import FLASH_BASE, FLASH_END

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
_FIRST_RESERVED: Final = 0xFF00  # SHN_LORESERVE: absolute, common
_KINDS: Final = {0: SymbolKind.LABEL, 1: SymbolKind.OBJECT, 2: SymbolKind.FUNCTION}  # STT_NOTYPE and so on


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
    call_frames: CallFrames
    data: bytes
    """The whole file."""


def parse_elf(data: bytes, origin: Origin) -> ElfProgram:
    """Read a program; refuse files that are damaged, or made for another machine."""
    _check_identity(data, origin)
    tables = ElfTables(data, origin)
    _check_overlaps(tables, origin)
    symbols = Symbols(_symbols(tables))
    address, contents = _flash_contents(tables, symbols, origin)
    dwarf = Dwarf(data)
    return ElfProgram(
        tables.entry,
        _segments(tables),
        address,
        contents,
        symbols,
        SourceLines(dwarf),
        Structures(dwarf),
        CallFrames(data),
        data,
    )


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


def _segments(tables: ElfTables) -> tuple[Segment, ...]:
    return tuple(
        Segment(header.load_address, header.run_address, tables.contents(header), header.size_bytes)
        for header in tables.segments
        if header.kind == LOADED and header.size_bytes
    )


def _check_overlaps(tables: ElfTables, origin: Origin) -> None:
    stored = sorted(
        (header.load_address, header.stored_bytes)
        for header in tables.segments
        if header.kind == LOADED and header.size_bytes and header.stored_bytes
    )
    for (low, size), (high, _) in pairwise(stored):
        if low + size > high:
            raise origin.error(
                "segments",
                f"{low:#010x}..{low + size:#010x} and {high:#010x} overlap: correct the linker script",
            )


def _symbols(tables: ElfTables) -> list[Symbol]:
    section_end: dict[Symbol, int] = {}
    for entry in tables.symbols():
        if _is_known(entry) and entry.section < len(tables.sections):
            section = tables.sections[entry.section]
            symbol = Symbol(
                escaped(entry.name), entry.address, entry.size_bytes, _KINDS[entry.kind], not entry.is_local
            )
            section_end[symbol] = section.address + section.size_bytes
    return with_sizes(section_end)


def _is_known(entry: SymbolEntry) -> bool:
    """Whether people know it: no file, section, undefined name, constant or mark of the assembler."""
    is_defined = 0 < entry.section < _FIRST_RESERVED
    return is_defined and entry.kind in _KINDS and bool(entry.name) and not entry.name.startswith((".L", "$"))


def _flash_contents(tables: ElfTables, symbols: Symbols, origin: Origin) -> tuple[int, bytes]:
    """Lay out what is loaded into flash, then .data.

    The SDK links .data without a load address; its start-up code looks for the contents at __erodata, behind
    .rodata (elf2bin.py, startup.S). Where a linker script gives .data a load address in flash, that counts.
    """
    pieces: list[tuple[int, bytes]] = []
    data_section = b""
    for section, address in zip(tables.sections, tables.load_addresses(), strict=True):
        if section.kind != PROGBITS or not section.flags & _ALLOCATED or not section.size_bytes:
            continue
        if FLASH_BASE <= address < FLASH_END:
            pieces.append((address, tables.contents(section)))
        elif tables.name_of(section) == ".data":
            data_section = tables.contents(section)
    if not tables.sections:  # stripped of them: the program headers say the same
        pieces = [(part.load_address, part.data) for part in _segments(tables) if part.data]
        pieces = [piece for piece in pieces if FLASH_BASE <= piece[0] < FLASH_END]
    if not pieces:
        return 0, b""
    end = max(address + len(data) for address, data in pieces)
    if data_section:
        wanted = symbols["__erodata"].address if "__erodata" in symbols else end
        pieces.append((wanted if FLASH_BASE <= wanted < FLASH_END else end, data_section))
    return _lay_out(pieces, origin)


def _lay_out(pieces: list[tuple[int, bytes]], origin: Origin) -> tuple[int, bytes]:
    start = min(address for address, _ in pieces)
    end = max(address + len(data) for address, data in pieces)
    if end > FLASH_END:
        raise LoadError(f"{origin.name}: ends at {end:#010x}, behind the flash: correct the linker script")
    contents = bytearray(b"\xff" * (end - start))
    for address, data in pieces:
        contents[address - start : address - start + len(data)] = data
    return start, bytes(contents)
