"""The file that keeps records about firmware: a SQLite database, one for all images and processes.

It is opened for a moment, to read all of an image and to write what is new. Nothing about it is an error:
what is locked, full or write-protected is left alone, what is damaged or no database is replaced.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

TOTAL_BYTES: Final = 64 << 20
"""All records together; those of the SDK's `atcmd` take 1.4 MB."""
UNUSED_DAYS: Final = 30
"""Images that were not run for so long go."""

_FILE_NAME: Final = "regions-1.sqlite3"
"""The number is that of the tables' form, and tells apart programs that do not know each other's."""
_FORMER_FILES: Final = ("*.regions", ".regions-*")
_BESIDE: Final = ("-journal", "-wal", "-shm")
BUSY_S: Final = 1.0
_DAY_S: Final = 86_400
_CIRCUMSTANCES: Final = frozenset(
    {
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR),
        *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM),
    }
)
"""Errors that another run need not meet. After any other one the file is replaced."""
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS images (
    number INTEGER PRIMARY KEY, identity BLOB UNIQUE, used_s INTEGER, size_bytes INTEGER
);
CREATE TABLE IF NOT EXISTS regions (image INTEGER, entry INTEGER, mode INTEGER, record BLOB);
CREATE UNIQUE INDEX IF NOT EXISTS regions_by_key ON regions (image, entry, mode, substr(record, 1, 16));
"""
_DAMAGE: Final = (sqlite3.Error, TypeError, ValueError)
"""Errors of a damaged file, which holds anything anywhere; ValueError also of names that no file can have."""

Key = tuple[int, int]
"""What records are found by: of regions of translated code, where they are entered and in which mode."""
Records = Mapping[Key, Sequence[bytes]]


class RecordDatabase:
    """The records of one image in the database of a folder."""

    def __init__(self, folder: Path, identity: bytes) -> None:
        self._path = folder / _FILE_NAME
        self._identity = identity

    def read(self) -> list[tuple[Key, bytes]]:
        """All records, the oldest first; none of what cannot be read. They count as used."""
        with contextlib.suppress(OSError, *_DAMAGE):
            if stat.S_ISREG(self._path.lstat().st_mode):
                with _opened(self._path) as database:
                    return self._read(database)
        return []

    def _read(self, database: sqlite3.Connection) -> list[tuple[Key, bytes]]:
        found = database.execute("SELECT number, used_s FROM images WHERE identity = ?", (self._identity,))
        for number, used_s in found.fetchall():
            rows = database.execute(
                "SELECT entry, mode, record FROM regions WHERE image = ? ORDER BY rowid", (number,)
            ).fetchall()
            if used_s < _now_s() - _DAY_S:
                with contextlib.suppress(sqlite3.Error):  # it may be write-protected
                    database.execute("UPDATE images SET used_s = ? WHERE number = ?", (_now_s(), number))
            return [((entry, mode), record) for entry, mode, record in rows if isinstance(record, bytes)]
        return []

    def write(self, records: Records, most: int) -> bool:
        """Add records, or forget those of a key without any; whether that was possible.

        Of a key the newest stay, at most that many.
        """
        for _ in range(2):
            with contextlib.suppress(OSError, ValueError):
                _make_file(self._path)
                try:
                    with _opened(self._path) as database:
                        self._write(database, records, most)
                        return True
                except _DAMAGE as error:
                    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _CIRCUMSTANCES:
                        return False
                    _remove(self._path)
        return False

    def _write(self, database: sqlite3.Connection, records: Records, most: int) -> None:
        if not self._path.stat().st_size:
            database.execute("PRAGMA auto_vacuum = FULL")
        database.execute("BEGIN IMMEDIATE")
        for statement in _TABLES.split(";"):
            database.execute(statement)
        database.execute(
            "INSERT INTO images (identity, used_s, size_bytes) VALUES (?, ?, 0)"
            " ON CONFLICT (identity) DO UPDATE SET used_s = excluded.used_s",
            (self._identity, _now_s()),
        )
        [(number,)] = database.execute("SELECT number FROM images WHERE identity = ?", (self._identity,))
        database.executemany(
            "DELETE FROM regions WHERE image = ? AND entry = ? AND mode = ?",
            ((number, *key) for key, known in records.items() if not known),
        )
        database.executemany(
            "INSERT OR REPLACE INTO regions VALUES (?, ?, ?, ?)",
            ((number, *key, record) for key, known in records.items() for record in known),
        )
        database.executemany(
            "DELETE FROM regions WHERE rowid IN (SELECT rowid FROM regions"
            " WHERE image = ? AND entry = ? AND mode = ? ORDER BY rowid DESC LIMIT -1 OFFSET ?)",
            ((number, *key, most) for key in records),
        )
        database.execute(
            "UPDATE images SET size_bytes ="
            " (SELECT coalesce(sum(length(record)), 0) FROM regions WHERE image = number) WHERE number = ?",
            (number,),
        )
        _forget(database)
        database.execute("COMMIT")


def _forget(database: sqlite3.Connection) -> None:
    """Delete what was not used for long, and of the rest the oldest that is too much."""
    left_bytes, oldest_s = TOTAL_BYTES, _now_s() - UNUSED_DAYS * _DAY_S
    images = database.execute(
        "SELECT number, used_s, size_bytes FROM images ORDER BY used_s DESC, number DESC"
    )
    for number, used_s, size_bytes in images.fetchall():
        left_bytes -= size_bytes
        if used_s < oldest_s or left_bytes < 0:
            database.execute("DELETE FROM regions WHERE image = ?", (number,))
            database.execute("DELETE FROM images WHERE number = ?", (number,))


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a file that is there; it does not wait for the disk, as damage is noticed."""
    name = f"{path.absolute().as_uri()}?mode=rw"
    with contextlib.closing(
        sqlite3.connect(name, uri=True, timeout=BUSY_S, isolation_level=None)
    ) as database:
        database.execute("PRAGMA synchronous = OFF")
        yield database


def _make_file(path: Path) -> None:
    """Make an empty file of the user's own unless there is a file; a link or pipe in its place goes."""
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISREG(path.lstat().st_mode):
            return
        _remove(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):  # another run was faster
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        for pattern in _FORMER_FILES:
            for former in path.parent.glob(pattern):
                with contextlib.suppress(OSError):
                    former.unlink()


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    for ending in _BESIDE:
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _now_s() -> int:
    return int(time.time())
