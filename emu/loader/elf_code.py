"""The instructions of an ELF program: their bytes where they run, and where data is among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
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
        self._tables = tables = ElfTables(elf, Origin("ELF file")) if elf else None
        self._pieces = (
            []
            if tables is None
            else [
                MemoryPiece(header.run_address, tables.contents(header))
                for header in tables.segments
                if header.kind == LOADED and header.stored_bytes
            ]
        )

    @cached_property
    def _is_code_from(self) -> dict[int, bool]:
        """By the addresses of the assembler's marks; of several at an address the last one counts."""
        return {
            symbol.address: symbol.name.startswith(_CODE_MARK)
            for symbol in (self._tables.symbols() if self._tables else ())
            if symbol.name.startswith((_CODE_MARK, _DATA_MARK))
        }

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
