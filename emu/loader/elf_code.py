"""The instructions of an ELF program: their bytes where they run, and where data is among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from emu.loader.elf_tables import LOADED, ElfTables
from emu.loader.errors import Origin
from emu.loader.piece import MemoryPiece

_CODE_MARK: Final = "$t"
_DATA_MARK: Final = "$d"


class ElfCode:
    """The code of a file that `parse_elf` takes, or of none."""

    def __init__(self, elf: bytes = b"") -> None:
        self._pieces: list[MemoryPiece] = []
        self._is_code_from: dict[int, bool] = {}
        if not elf:
            return
        tables = ElfTables(elf, Origin("ELF file"))
        for header in tables.segments:
            if header.kind == LOADED and header.stored_bytes:
                self._pieces.append(MemoryPiece(header.run_address, tables.contents(header)))
        for symbol in tables.symbols():
            mark = symbol.name[:2]
            if mark in (_CODE_MARK, _DATA_MARK):  # of several at an address the last one counts
                self._is_code_from[symbol.address] = mark == _CODE_MARK

    def bytes_at(self, address: int, size_bytes: int) -> bytes:
        """The bytes there; fewer where it has no more."""
        for piece in self._pieces:
            if piece.address <= address < piece.end:
                offset = address - piece.address
                return piece.data[offset : offset + size_bytes]
        return b""

    def ranges(self, addresses: Iterable[int]) -> Iterator[tuple[int, int]]:
        """From each address to the next: what is code by the assembler's marks, as (begin, end).

        Without marks all counts as code.
        """
        is_code = not self._is_code_from
        for begin, end in pairwise(sorted({*addresses, *self._is_code_from})):
            is_code = self._is_code_from.get(begin, is_code)
            if is_code:
                yield begin, end
