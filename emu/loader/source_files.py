"""Paths of source files, from the line program of a compilation unit (DWARF 5, 6.2.4)."""

from __future__ import annotations

from pathlib import PureWindowsPath
from typing import Any, Final

from emu.escape import escaped

_FIRST_VERSION_COUNTING_FROM_ZERO: Final = 5


class SourceFiles:
    """The table of files of a unit; any exception where it is damaged."""

    def __init__(self, program: Any, unit: Any) -> None:
        """Of pyelftools' objects."""
        folder = unit.get_top_DIE().attributes.get("DW_AT_comp_dir")
        self._folder = folder.value.decode() if folder else ""
        counts_from_zero = program["version"] >= _FIRST_VERSION_COUNTING_FROM_ZERO
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
