"""The headers and symbols of a 32-bit little-endian ELF file, each read once (System V ABI, chapter 4)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Final, NamedTuple

from emu.loader.errors import Origin

LOADED: Final = 1  # PT_LOAD
PROGBITS: Final = 1
SYMBOL_TABLE: Final = 2
NO_BITS: Final = 8
_LONGEST_NAME: Final = 4096
_NUMBER_IS_ELSEWHERE: Final = 0xFFFF  # PN_XNUM, SHN_XINDEX: in the first section's header

_HEADER: Final = struct.Struct("<16sHHIIIIIHHHHHH")
_SEGMENT: Final = struct.Struct("<8I")
_SECTION: Final = struct.Struct("<10I")
_SYMBOL: Final = struct.Struct("<IIIBBH")


class SegmentHeader(NamedTuple):
    """An entry of the program header table."""

    kind: int
    offset: int
    run_address: int
    load_address: int
    stored_bytes: int
    size_bytes: int
    flags: int
    alignment: int


class SectionHeader(NamedTuple):
    """An entry of the section header table."""

    name: int
    kind: int
    flags: int
    address: int
    offset: int
    size_bytes: int
    link: int
    info: int
    alignment: int
    entry_bytes: int


class SymbolEntry(NamedTuple):
    """An entry of the symbol table; `section` is a number, that of none included."""

    name: str
    address: int
    size_bytes: int
    kind: int
    is_local: bool
    section: int


class ElfTables:
    """What the tables of a file say; LoadError for a file that ends too early."""

    def __init__(self, data: bytes, origin: Origin) -> None:
        self._data = data
        self._origin = origin
        header = _HEADER.unpack_from(data)
        self.entry = int(header[4])
        segments_at, sections_at = header[5:7]
        segment_bytes, segment_count, section_bytes, section_count, names = header[9:14]
        if sections_at and (section_count == 0 or _NUMBER_IS_ELSEWHERE in (segment_count, names)):
            first = self._table("section headers", _SECTION, sections_at, section_bytes, 1)
            size, link, info = first[0][5:8]
            section_count = section_count or size
            names = link if names == _NUMBER_IS_ELSEWHERE else names
            segment_count = info if segment_count == _NUMBER_IS_ELSEWHERE else segment_count
        segments = self._table("program headers", _SEGMENT, segments_at, segment_bytes, segment_count)
        sections = self._table("section headers", _SECTION, sections_at, section_bytes, section_count)
        self.segments = tuple(map(SegmentHeader._make, segments))
        self.sections = tuple(map(SectionHeader._make, sections))
        self._names = self._strings(names)
        self._check_contents()

    def _table(
        self, name: str, row: struct.Struct, offset: int, row_bytes: int, count: int
    ) -> list[tuple[int, ...]]:
        if not count:
            return []
        self._check_length(name, offset, count * row_bytes)
        if row_bytes < row.size:
            raise self._origin.at(offset).error(name, f"{row_bytes} bytes each: damaged; link it again")
        return [row.unpack_from(self._data, offset + number * row_bytes) for number in range(count)]

    def _check_length(self, name: str, offset: int, size: int) -> None:
        end = len(self._data)
        if offset + size > end:
            raise self._origin.at(offset).error(
                name, f"{size:#x} bytes, the file ends at {end:#x}: it is truncated; copy it again"
            )

    def _check_contents(self) -> None:
        """Headers that share the bytes of a file again and again would make gigabytes of it."""
        stored = [section for section in self.sections if section.kind != NO_BITS]
        for segment in self.segments:
            self._check_length("segment", segment.offset, segment.stored_bytes)
        for section in stored:
            self._check_length("section", section.offset, section.size_bytes)
        for name, total in (
            ("segments", sum(segment.stored_bytes for segment in self.segments if segment.kind == LOADED)),
            ("sections", sum(section.size_bytes for section in stored)),
        ):
            if total > 2 * len(self._data):
                raise self._origin.error(name, f"{total:#x} bytes in all, the file has less: link it again")

    def name_of(self, section: SectionHeader) -> str:
        """The name of a section."""
        return _text(self._names, section.name)

    def contents(self, part: SectionHeader | SegmentHeader) -> bytes:
        """What the file has of a section or segment."""
        size = part.stored_bytes if isinstance(part, SegmentHeader) else part.size_bytes
        return self._data[part.offset : part.offset + size]

    def _strings(self, number: int) -> bytes:
        return self.contents(self.sections[number]) if number < len(self.sections) else b""

    def symbols(self) -> Iterator[SymbolEntry]:
        """The entries of the symbol table; nothing for a stripped file."""
        tables = (section for section in self.sections if section.kind == SYMBOL_TABLE)
        table = next((section for section in tables if self.name_of(section) == ".symtab"), None)
        if table is None:
            return
        strings, entries = self._strings(table.link), self.contents(table)
        for name, address, size, info, _, section in _SYMBOL.iter_unpack(
            entries[: len(entries) // _SYMBOL.size * _SYMBOL.size]
        ):
            yield SymbolEntry(_text(strings, name), address, size, info & 15, not info >> 4, section)

    def load_addresses(self) -> list[int]:
        """Of each section: where its first byte is loaded; its own address if it is in no loaded segment.

        Of several segments that hold it the first counts.
        """
        loaded = [header for header in self.segments if header.kind == LOADED]
        waiting = sorted(range(len(loaded)), key=lambda number: -loaded[number].run_address)
        found = [section.address for section in self.sections]
        holding: list[int] = []
        for index in sorted(range(len(found)), key=lambda number: self.sections[number].address):
            address = self.sections[index].address
            while waiting and loaded[waiting[-1]].run_address <= address:
                heappush(holding, waiting.pop())
            while holding and address >= loaded[holding[0]].run_address + loaded[holding[0]].size_bytes:
                heappop(holding)
            if holding:
                found[index] += loaded[holding[0]].load_address - loaded[holding[0]].run_address
        return found


def _text(strings: bytes, offset: int) -> str:
    """A string of a string table; no longer than anybody wants to read."""
    end = strings.find(b"\0", offset, offset + _LONGEST_NAME)
    return strings[offset : end if end >= 0 else offset + _LONGEST_NAME].decode(errors="replace")
