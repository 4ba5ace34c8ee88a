"""The debug information of an ELF file: opened when something is asked for, found by addresses of code."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final

_ARANGES: Final = b"debug_aranges"


class Dwarf:
    """Finds compilation units through .debug_aranges, which GCC always writes.

    For damaged or unusual information pyelftools raises all kinds of exceptions: whoever asks does without.
    """

    def __init__(self, elf: bytes = b"") -> None:
        self._elf = elf if _ARANGES in elf else b""
        self._is_open = False
        self._ranges: Any = None
        self.sections: Any = None
        """pyelftools' DWARFInfo, once a unit has been found."""

    def unit_at(self, address: int) -> int | None:
        """Where the compilation unit of an instruction starts; any exception: it cannot be told."""
        self._open()
        unit: int | None = None if self._ranges is None else self._ranges.cu_offset_at_addr(address)
        return unit

    def units(self) -> Iterator[int]:
        """Where each compilation unit starts; any exception: no more can be told."""
        self._open()
        if self.sections is not None:
            yield from (unit.cu_offset for unit in self.sections.iter_CUs())

    def _open(self) -> None:
        if self._elf and not self._is_open:
            self._is_open = True
            from elftools.elf.elffile import ELFFile  # most runs ask for nothing

            file = ELFFile(io.BytesIO(self._elf))
            if file.has_dwarf_info():
                self.sections = file.get_dwarf_info()
                self._ranges = self.sections.get_aranges()
