"""Source lines for addresses, from the DWARF line tables of an ELF file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from contextlib import suppress
from pathlib import PureWindowsPath
from typing import Any, Final, NamedTuple

from emu.escape import escaped
from emu.loader.dwarf import Dwarf

_FIRST_VERSION_COUNTING_FROM_ZERO: Final = 5


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
        folder = unit.get_top_DIE().attributes.get("DW_AT_comp_dir")
        files = _Files(program, folder.value.decode() if folder else "")
        states = (entry.state for entry in program.get_entries() if entry.state is not None)
        return _sorted(
            Row(
                state.address,
                "" if state.end_sequence else files.name(state.file),
                state.line,
                bool(state.is_stmt),
            )
            for state in states
        )


def _sorted(rows: Iterable[Row]) -> list[Row]:
    """By address; where one sequence ends and the next begins, the beginning counts."""
    return sorted(rows, key=lambda row: (row.address, bool(row.path)))


class _Files:
    """The table of files of a line program."""

    def __init__(self, program: Any, folder: str) -> None:
        counts_from_zero = program["version"] >= _FIRST_VERSION_COUNTING_FROM_ZERO
        self._folder = folder
        self._first = 0 if counts_from_zero else 1
        self._folders = [path.decode() for path in program["include_directory"]]
        if not counts_from_zero:
            self._folders.insert(0, "")  # the folder of the compilation itself
        self._entries = program["file_entry"]
        self._names: dict[int, str] = {}

    def name(self, number: int) -> str:
        """The path as the compiler had it; Windows' rules for joining fit the other systems' paths, too."""
        if number not in self._names:
            entry = self._entries[number - self._first]
            path = PureWindowsPath(self._folder, self._folders[entry.dir_index], entry.name.decode())
            self._names[number] = escaped(path.as_posix())
        return self._names[number]
