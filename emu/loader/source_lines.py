"""Source lines for addresses, from the DWARF line tables of an ELF file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from emu.loader.dwarf import Dwarf
from emu.loader.source_files import SourceFiles


class Row(NamedTuple):
    """From an address on, up to that of the next row, code is of this line."""

    address: int
    path: str
    """As the compiler had it; empty behind the end of a sequence."""
    line: int
    """0: of none."""
    begins_statement: bool
    """Or only goes on with one (is_stmt)."""


class SourceLines:
    """Reads the tables of a compilation unit when an address in it is asked for, and keeps them."""

    def __init__(self, dwarf: Dwarf | None = None) -> None:
        self._dwarf = dwarf or Dwarf()
        self._rows: dict[int, list[Row]] = {}

    def at(self, address: int) -> str:
        """`path/file.c:12`; empty without debug information about the address, or when it is damaged."""
        with suppress(Exception):
            unit = self._dwarf.unit_at(address)
            return "" if unit is None else self._line(unit, address)
        return ""

    def all_rows(self) -> list[Row]:
        """Those of all units, by address; without those that are damaged.

        Of rows for the same address the last one is that of the instruction, which may be from a statement
        that began before; the last statement to begin there begins with it. The others have nothing left.
        """
        rows: list[Row] = []
        with suppress(Exception):
            for unit in self._dwarf.units():
                with suppress(Exception):
                    rows += self._rows_of(unit)
        return _sorted(rows)

    def _line(self, unit: int, address: int) -> str:
        rows = self._rows_of(unit)
        index = bisect_right(rows, address, key=lambda row: row.address) - 1
        return f"{rows[index].path}:{rows[index].line}" if index >= 0 and rows[index].path else ""

    def _rows_of(self, unit: int) -> list[Row]:
        rows = self._rows.get(unit)
        if rows is None:
            rows = self._rows[unit] = self._read_rows(unit)
        return rows

    def _read_rows(self, unit_offset: int) -> list[Row]:
        dwarf = self._dwarf.sections
        unit = dwarf.get_CU_at(unit_offset)
        program = dwarf.line_program_for_CU(unit)
        if program is None:
            return []
        files = SourceFiles(program, unit)
        rows: list[Row] = []
        for state in (entry.state for entry in program.get_entries()):
            if state is None:
                continue
            if state.end_sequence:  # of what begins where the sequence ends nothing is left
                while rows and rows[-1].path and rows[-1].address == state.address:
                    rows.pop()
            path = "" if state.end_sequence else files.name(state.file)
            rows.append(Row(state.address, path, state.line, bool(state.is_stmt)))
        return _sorted(rows)


def _sorted(rows: Iterable[Row]) -> list[Row]:
    """By address; where one sequence ends and the next begins, the beginning counts."""
    return sorted(rows, key=lambda row: (row.address, bool(row.path)))
