"""Outcomes in an SQLite file: an interrupted sweep goes on; another one of the same story takes no time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Final

from emu.loader import LoadError
from emu.regress.powercut.outcome import Outcome, Verdict
from emu.regress.powercut.report import Entry

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS outcome (
    story TEXT NOT NULL, state TEXT NOT NULL, verdict TEXT NOT NULL, detail TEXT NOT NULL, uart TEXT NOT NULL,
    merged INTEGER NOT NULL, shortened INTEGER NOT NULL, PRIMARY KEY (story, state)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cut (
    story TEXT NOT NULL, cut TEXT NOT NULL, number INTEGER NOT NULL, point TEXT NOT NULL, kind TEXT NOT NULL,
    offset INTEGER NOT NULL, partition TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (story, cut)
) WITHOUT ROWID;
"""
_DAMAGED: Final = (sqlite3.Error, ValueError)
"""The second one is for text that is none, also in messages of SQLite."""


class Nothing:
    """Keeps nothing."""

    def outcome(self, state: str) -> Outcome | None:
        """None."""

    def keep(self, entries: Iterable[Entry]) -> None:
        """Forget them."""


class Results:
    """Those of one story in a file, which may hold others; LoadError for a file that holds something else."""

    def __init__(self, path: Path, story: str) -> None:
        self._path, self._story = path, story
        try:
            self._database = sqlite3.connect(path)
            self._database.executescript(_SCHEMA)
        except _DAMAGED as error:
            raise self._error(error) from None

    def outcome(self, state: str) -> Outcome | None:
        """What became of a device with this flash."""
        sql = "SELECT verdict, detail, uart, merged, shortened FROM outcome WHERE story = ? AND state = ?"
        try:
            with closing(self._database.execute(sql, (self._story, state))) as cursor:
                row = cursor.fetchone()
            if row is None:
                return None
            verdict, detail, uart, merged, shortened = row
            return Outcome(Verdict(verdict), detail, uart, bool(merged), bool(shortened))
        except _DAMAGED as error:
            raise self._error(error) from None

    def keep(self, entries: Iterable[Entry]) -> None:
        """Write them, at once."""
        try:
            with self._database:
                for one in entries:
                    outcome, place = one.outcome, one.place
                    told = outcome.verdict.value, outcome.detail, outcome.uart
                    how = outcome.merged, outcome.shortened
                    where = place.number, one.point, place.kind, place.offset, place.partition
                    self._database.execute(
                        "INSERT OR REPLACE INTO outcome VALUES (?, ?, ?, ?, ?, ?, ?)",
                        (self._story, one.state, *told, *how),
                    )
                    self._database.execute(
                        "INSERT OR REPLACE INTO cut VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        (self._story, one.cut, *where, one.state),
                    )
        except sqlite3.Error as error:
            raise self._error(error) from None

    def __enter__(self) -> Results:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def _error(self, error: Exception) -> LoadError:
        return LoadError(f"{self._path}: {error}: give another file for the results")
