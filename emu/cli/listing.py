"""The instructions of a firmware as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click

from emu.isa.decode import size_bytes
from emu.isa.disasm import disassemble
from emu.loader import Symbols, find_firmware, load_firmware
from emu.loader.elf import parse_elf
from emu.loader.errors import Origin
from emu.loader.files import read_file
from emu.loader.recognise import Format
from emu.loader.wrapping import unwrap
from emu.memory_map import FLASH_BASE


@dataclass(frozen=True, slots=True)
class Code:
    """The bytes of a file at their addresses, and the range to list unless told otherwise."""

    pieces: tuple[tuple[int, bytes], ...]
    start: int | None = None
    end: int | None = None
    symbols: Symbols = field(default_factory=Symbols)


def load_code(file: Path) -> Code:
    """The code of any firmware that `run` takes."""
    file = find_firmware(file)
    data, found = unwrap(read_file(file), Origin(file.name))
    if found is Format.ELF:
        return _load_elf(data, Origin(file.name))
    firmware = load_firmware(file)
    pieces = tuple((FLASH_BASE + piece.offset, piece.data) for piece in firmware.pieces)
    if firmware.ram is not None:
        pieces = tuple((piece.address, piece.data) for piece in firmware.ram.pieces)
        return Code(pieces, pieces[0][0], pieces[0][0] + len(pieces[0][1]), firmware.symbols)
    if firmware.app is None:
        return Code(pieces, symbols=firmware.symbols)
    end = firmware.run_address + firmware.app.header.body_size
    return Code(pieces, firmware.run_address, end, firmware.symbols)


def _load_elf(data: bytes, origin: Origin) -> Code:
    """Flash as it is loaded, and what else the program has, such as functions in RAM, where it runs."""
    program = parse_elf(data, origin)
    flash = (program.flash_address, program.flash_contents)
    pieces = flash, *((segment.run_address, segment.data) for segment in program.segments)
    start, first = next((piece for piece in pieces if piece[1]), flash)
    return Code(pieces, start, start + len(first), program.symbols)


def load_raw_code(file: Path, base: int) -> Code:
    """A whole file as code that lies at `base`."""
    data = read_file(file)
    if base % 2 or base + len(data) > 1 << 32:
        raise click.BadParameter(f"--base {base:#x}: must be even, and the file end below 2^32")
    return Code(((base, data),), base, base + len(data))


class Listing:
    """Code as one memory with names."""

    def __init__(self, code: Code, symbols: Symbols) -> None:
        self.symbols = symbols
        self.pieces = code.pieces

    def holds(self, address: int) -> bool:
        """Whether there is a halfword at that address."""
        return self._read(address, 2) is not None

    def lines(self, start: int, end: int) -> Iterator[str]:
        """Labels and instructions from `start` up to `end`, as far as there are bytes."""
        for _, lines in self.instructions(start, end):
            yield from lines

    def instructions(self, start: int, end: int) -> Iterator[tuple[int, list[str]]]:
        """The same, by the addresses of the instructions."""
        pc = start & ~1
        while pc < end and (first := self._read(pc, 2)) is not None:
            found = self.symbols.at(pc)
            label = [f"\n{pc:08x} <{found[0].name}>:"] if found is not None and found[1] == 0 else []
            second = self._read(pc + 2, 2) or 0
            size = size_bytes(first)
            code = f"{first:04x} {second:04x}" if size == 4 else f"{first:04x}"
            text = disassemble(first, second, pc, literal=self._word, symbol=self._name)
            yield pc, [*label, f"{pc:8x}:  {code:<9}  {text}"]
            pc += size

    def _word(self, address: int) -> int | None:
        return self._read(address, 4)

    def _name(self, address: int) -> str | None:
        return self.symbols.describe(address) or None

    def _read(self, address: int, size: int) -> int | None:
        for base, data in self.pieces:
            offset = address - base
            if 0 <= offset <= len(data) - size:
                return int.from_bytes(data[offset : offset + size], "little")
        return None
