"""How to get from a function to its caller: the section .debug_frame of an ELF file (DWARF 5, 6.4.1).

pyelftools can read it too, but all of it at once: a second and more for the 6000 functions of a firmware.
"""

from __future__ import annotations

import struct
import zlib
from bisect import bisect_right
from contextlib import suppress
from typing import Final, NamedTuple

from emu.loader.elf_tables import ElfTables
from emu.loader.errors import Origin
from emu.loader.frame_rules import FrameRules, read_common_entry, rules_at

_COMMON: Final = 0xFFFF_FFFF
"""The identifier of an entry that functions share."""
_ENTRY: Final = struct.Struct("<4I")
"""Length, where the shared entry is, start and size of the function."""
_COMPRESSED: Final = 0x800  # SHF_COMPRESSED
_COMPRESSION_HEADER_BYTES: Final = 12
_LARGEST_BYTES: Final = 1 << 24


class _Function(NamedTuple):
    """An entry for one function (FDE)."""

    start: int
    size_bytes: int
    common: int
    """Where the entry is that it shares."""
    instructions: int
    end: int


class CallFrames:
    """Looks through the entries when an address is asked for, and reads those that it needs."""

    def __init__(self, elf: bytes = b"") -> None:
        self._elf = elf
        self._section = b""
        self._functions: list[_Function] | None = None

    def at(self, address: int) -> FrameRules | None:
        """The rules before an instruction; None where there are none, or they are damaged."""
        with suppress(Exception):  # whatever is wrong with debug information, it costs no more than itself
            if self._functions is None:
                self._functions = []
                self._section = _section(self._elf)
                self._functions = sorted(_functions(self._section))
            return self._rules(address)
        return None

    def _rules(self, address: int) -> FrameRules | None:
        assert self._functions is not None
        index = bisect_right(self._functions, address, key=lambda each: each.start) - 1
        function = self._functions[index] if index >= 0 else None
        if function is None or address >= function.start + function.size_bytes:
            return None
        data, shared = self._section, function.common
        end = shared + 4 + _word(data, shared)
        if _word(data, shared + 4) != _COMMON or end > len(data):
            return None
        common = read_common_entry(data, shared + 8, end)
        instructions = data[function.instructions : function.end]
        return rules_at(common, instructions, function.start, address)


def _section(elf: bytes) -> bytes:
    tables = ElfTables(elf, Origin("ELF"))
    section = next((each for each in tables.sections if tables.name_of(each) == ".debug_frame"), None)
    if section is None:
        return b""
    contents = tables.contents(section)
    if not section.flags & _COMPRESSED:
        return contents
    return zlib.decompressobj().decompress(contents[_COMPRESSION_HEADER_BYTES:], _LARGEST_BYTES)


def _functions(data: bytes) -> list[_Function]:
    """The entries of all functions, up to a damaged one; linkers leave those of dropped functions at 0."""
    found = []
    at = 0
    while at + _ENTRY.size <= len(data):
        length, common, start, size_bytes = _ENTRY.unpack_from(data, at)
        end = at + 4 + length
        if end > len(data):
            break
        if common != _COMMON and at + _ENTRY.size <= end and start and size_bytes:
            found.append(_Function(start, size_bytes, common, at + _ENTRY.size, end))
        at = end
    return found


def _word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")
