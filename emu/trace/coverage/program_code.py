"""The instructions of a program and the places in the source that they are from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from emu.isa.decode import decode, size_bytes
from emu.isa.insn import Flow, Insn
from emu.loader.elf import ElfProgram
from emu.loader.elf_code import ElfCode
from emu.loader.source_lines import Row


class Place(NamedTuple):
    """A line of the source."""

    path: str
    line: int


class Instruction(NamedTuple):
    """An instruction of a program, with its lines of the source."""

    address: int
    row: Insn
    target: int | None
    """Where a branch goes to that tells it."""
    places: tuple[Place, ...]
    """Its line, and that of the statement that begins with it, if that is another one."""
    begins: Place
    """The first line that begins there: of a function's first instruction, that of the function."""

    @property
    def place(self) -> Place:
        """Its line."""
        return self.places[0]


def instructions_of(program: ElfProgram) -> Iterator[Instruction]:
    """All instructions of which the debug information tells the lines, by address."""
    code, by_address = ElfCode(program.data), _rows_by_address(program)
    rows: list[Row] = []
    for begin, end in code.ranges(by_address):
        rows = by_address.get(begin, rows[-1:])
        address = begin
        while rows and address < end and (instruction := _decode(code, address, rows)):
            yield instruction
            address += instruction.row.size_bytes
            rows = [rows[-1]._replace(begins_statement=False)]


def _rows_by_address(program: ElfProgram) -> dict[int, list[Row]]:
    """What begins at an address; nothing where a sequence ends, or code has no line."""
    by_address: dict[int, list[Row]] = {}
    for row in program.lines.all_rows():
        if row.path and row.line:
            by_address.setdefault(row.address, []).append(row)
        else:
            by_address[row.address] = []
    return by_address


def _places(rows: list[Row]) -> tuple[Place, ...]:
    statement = next((row for row in reversed(rows) if row.begins_statement), rows[-1])
    return tuple(dict.fromkeys(Place(row.path, row.line) for row in (rows[-1], statement)))


def _decode(code: ElfCode, address: int, rows: list[Row]) -> Instruction | None:
    data = code.bytes_at(address, 4)
    if len(data) < 2:
        return None
    first, second = int.from_bytes(data[:2], "little"), int.from_bytes(data[2:], "little")
    row = decode(first, second)
    if row is None:
        return None
    target = None
    if row.flow in (Flow.BRANCH, Flow.CONDITIONAL):
        word = first if size_bytes(first) == 2 else first << 16 | second
        target = row.target(address, row.decode(word))
    return Instruction(address, row, target, _places(rows), Place(rows[0].path, rows[0].line))
