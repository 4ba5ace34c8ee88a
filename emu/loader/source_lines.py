"""Source lines for addresses, from the DWARF line tables of an ELF file."""

from __future__ import annotations

from bisect import bisect_right
from contextlib import suppress
from pathlib import PureWindowsPath
from typing import Any, Final

from emu.escape import escaped
from emu.loader.dwarf import Dwarf

Row = tuple[int, str]
"""An address, and `file:line` of the code from there on; empty behind the end of a sequence."""

_FIRST_VERSION_COUNTING_FROM_ZERO: Final = 5


class SourceLines:
    """Reads the tables of a compilation unit when an address in it is asked for, and keeps them."""

    def __init__(self, dwarf: Dwarf | None = None) -> None:
        self._dwarf = dwarf or Dwarf()
        self._rows: dict[int, list[Row]] = {}

    def at(self, address: int) -> str:
        """`path/file.c:12`; empty without debug information about the address, or when it is damaged."""
        with suppress(Exception):
            unit = self._dwarf.unit_at(address)
            return "" if unit is None else escaped(self._line(unit, address))
        return ""

    def _line(self, unit: int, address: int) -> str:
        rows = self._rows.get(unit)
        if rows is None:
            rows = self._rows[unit] = self._read_rows(unit)
        index = bisect_right(rows, address, key=lambda row: row[0]) - 1
        return rows[index][1] if index >= 0 else ""

    def _read_rows(self, unit_offset: int) -> list[Row]:
        dwarf = self._dwarf.sections
        unit = dwarf.get_CU_at(unit_offset)
        program = dwarf.line_program_for_CU(unit)
        if program is None:
            return []
        folder = unit.get_top_DIE().attributes.get("DW_AT_comp_dir")
        files = _Files(program, folder.value.decode() if folder else "")
        states = (entry.state for entry in program.get_entries() if entry.state is not None)
        rows = [
            (state.address, "" if state.end_sequence else f"{files.name(state.file)}:{state.line}")
            for state in states
        ]
        # Where one sequence ends and the next begins, the beginning counts.
        return sorted(rows, key=lambda row: (row[0], bool(row[1])))


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
            self._names[number] = path.as_posix()
        return self._names[number]
