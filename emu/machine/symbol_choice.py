"""Which names hold: those of the program that is in the flash now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from emu.loader import SourceLines, Structures, Symbols
from emu.soc.w800 import FLASH_BASE


@dataclass(frozen=True, slots=True, eq=False)
class NamedProgram:
    """The bytes of a program in flash, its names, its source lines and its data structures."""

    address: int
    contents: bytes
    symbols: Symbols
    lines: SourceLines = field(default_factory=SourceLines)
    structures: Structures = field(default_factory=Structures)


class SymbolChoice:
    """Knows some programs by their bytes: after an update the names of the old one would mislead."""

    def __init__(self, programs: Iterable[NamedProgram] = ()) -> None:
        self._programs = tuple(programs)

    def find(self, flash: bytes) -> NamedProgram:
        """The program in these flash contents; one without any names if it is not known."""
        for program in self._programs:
            offset = program.address - FLASH_BASE
            if flash.startswith(program.contents, offset):
                return program
        return NamedProgram(FLASH_BASE, b"", Symbols())
