"""The instructions of a program and the places in the source that they are from."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Final, NamedTuple

from emu.isa.decode import decode, size_bytes
from emu.isa.insn import Flow
from emu.loader.dwarf import Dwarf
from emu.loader.elf import ElfProgram, parse_elf
from emu.loader.elf_code import ElfCode
from emu.loader.errors import Origin
from emu.loader.function_code import FunctionCode, functions_of
from emu.loader.source_lines import Row
from emu.loader.symbols import Symbol, SymbolKind

_NO_SYMBOL: Final = Symbol("", 0, 0)
_PART: Final = ".part."
"""In the names that GCC gives to what it has split off from functions."""


class Place(NamedTuple):
    """A line of the source."""

    path: str
    line: int


class Instruction(NamedTuple):
    """An instruction of a program, with its lines of the source."""

    address: int
    size_bytes: int
    is_conditional: bool
    """Whether it is a conditional branch."""
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


class Declaration(NamedTuple):
    """What a function is called, and where."""

    name: str
    place: Place


class Body(NamedTuple):
    """The instructions of a function, or of a copy of it that is part of another function."""

    name: str
    """Of the symbol, such as `run.isra.0`."""
    declared: Declaration | None
    """None for code of which it is not known whether it is a function."""
    entry: int
    instructions: list[Instruction]
    """With those of copies that are part of it."""
    is_copy: bool


def bodies_of(elf: bytes) -> list[Body]:
    """All functions of which the debug information tells the lines, then copies, callers before callees."""
    program = parse_elf(elf, Origin("ELF file"))
    instructions = list(instructions_of(program))
    codes = list(functions_of(Dwarf(program.data)))
    declared = {code.entry: _declaration(code) for code in codes if not code.is_copy}
    by_symbol: dict[Symbol, list[Instruction]] = {}
    for instruction in instructions:
        found = program.symbols.at(instruction.address)
        by_symbol.setdefault(found[0] if found else _NO_SYMBOL, []).append(instruction)
    bodies = []
    for symbol, inside in by_symbol.items():
        is_function = symbol.kind is SymbolKind.FUNCTION and inside[0].address == symbol.address
        known = declared.get(symbol.address, Declaration(symbol.name, inside[0].begins))
        if _PART in symbol.name:  # which its function calls
            known = known._replace(name=symbol.name)
        bodies.append(
            Body(symbol.name, known if is_function else None, symbol.address, inside, is_copy=False)
        )
    addresses = [instruction.address for instruction in instructions]
    for code in codes:
        if code.is_copy:
            parts = [slice(*(bisect_left(addresses, each) for each in ends)) for ends in code.ranges]
            inside = [instruction for part in parts for instruction in instructions[part]]
            if inside:
                bodies.append(Body(code.name, _declaration(code), code.entry, inside, is_copy=True))
    return bodies


def _declaration(code: FunctionCode) -> Declaration:
    return Declaration(code.name, Place(code.path, code.line))


def instructions_of(program: ElfProgram) -> Iterator[Instruction]:
    """All instructions of which the debug information tells the lines, by address."""
    code, by_address = ElfCode(program.data), _rows_by_address(program)
    rows: list[Row] = []
    for begin, end in code.ranges(by_address):
        rows = by_address.get(begin, rows[-1:])
        address = begin
        while rows and address < end and (instruction := _decode(code, address, rows)):
            yield instruction
            address += instruction.size_bytes
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
    begins, is_conditional = Place(rows[0].path, rows[0].line), row.flow is Flow.CONDITIONAL
    return Instruction(address, row.size_bytes, is_conditional, target, _places(rows), begins)
