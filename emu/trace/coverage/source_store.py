"""The functions of programs, kept from run to run: debug information takes long to read."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Final

import elftools

from emu.cache.digests import digest, sealed, source_digest, unsealed
from emu.trace.coverage.body_lines import BodyLines
from emu.trace.coverage.body_record import bodies_in, record_of
from emu.trace.coverage.source_coverage import source_of
from emu.version import __version__

_READERS: Final = ("cache", "isa", "loader", "trace/coverage")
"""The source that decides what is made of an ELF file, and how it is stored."""
_ALL: Final = 0, 0


class SourceStore:
    """Gives what `source_of` does, and keeps it in the database of a folder, or nowhere.

    Another program, or another version of this one, of its reader of debug information or of Python, never
    sees it. What cannot be read, or was damaged, is made again; what cannot be written, the next time.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._known: dict[bytes, list[BodyLines]] = {}

    def source_of(self, elf: bytes) -> list[BodyLines]:
        """The functions of a program, by its ELF file."""
        if elf not in self._known:
            self._known[elf] = source_of(elf) if self._folder is None else self._kept(self._folder, elf)
        return self._known[elf]

    def _kept(self, folder: Path, elf: bytes) -> list[BodyLines]:
        with contextlib.suppress(ImportError):  # a Python may have been built without SQLite
            from emu.cache.database import RecordDatabase

            database = RecordDatabase(folder, _identity(elf))
            for _, record in database.read():
                if (data := unsealed(record)) is not None:
                    return bodies_in(data)
            bodies = source_of(elf)
            database.write({_ALL: [sealed(record_of(bodies))]}, 1)
            return bodies
        return source_of(elf)


def _identity(elf: bytes) -> bytes:
    """Of all that decides what is made of an ELF file."""
    made_by = repr(("source", sys.version, __version__, elftools.__version__)).encode()
    return digest(digest(elf) + source_digest(*_READERS) + made_by)
