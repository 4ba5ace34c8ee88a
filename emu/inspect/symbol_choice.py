"""Which names hold: those of the programs that are in the flash now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from emu.loader import CallFrames, SourceLines, Structures, Symbols
from emu.memory_map import FLASH_BASE, FLASH_END


@dataclass(frozen=True, slots=True, eq=False)
class NamedProgram:
    """The bytes of a program in flash, its names, and what its debug information tells."""

    address: int
    contents: bytes
    symbols: Symbols
    lines: SourceLines = field(default_factory=SourceLines)
    structures: Structures = field(default_factory=Structures)
    call_frames: CallFrames = field(default_factory=CallFrames)
    elf: bytes = b""
    """The ELF file that all this is from; empty if there was none."""

    @property
    def end(self) -> int:
        """The address behind its last byte."""
        return self.address + len(self.contents)

    @property
    def is_in_ram(self) -> bool:
        """Whether it was downloaded to RAM: then it is the one that runs."""
        return self.address >= FLASH_END

    def holds(self, address: int) -> bool:
        """Whether an address in flash belongs to it."""
        return self.address <= address < self.end


NO_PROGRAM = NamedProgram(FLASH_BASE, b"", Symbols())


class SymbolChoice:
    """Knows some programs by their bytes: after an update the names of the old one would mislead."""

    def __init__(self, programs: Iterable[NamedProgram] = ()) -> None:
        self.programs = tuple(programs)

    def present(self, flash: bytes) -> tuple[NamedProgram, ...]:
        """The programs in these flash contents, such as bootloader and app; of the same bytes the first."""
        found: list[NamedProgram] = []
        for program in self.programs:
            is_there = program.is_in_ram or flash.startswith(program.contents, program.address - FLASH_BASE)
            if is_there and all(
                program.end <= other.address or other.end <= program.address for other in found
            ):
                found.append(program)
        return tuple(found)
