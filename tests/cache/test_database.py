"""The file of the translation cache, whatever is in it or in its place."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import sqlite3
import stat
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from dbt.cached_guest import IDENTITY, cache_file, opened, run, translated
from support.guest import FLASH

from emu.cache import database
from emu.dbt.region_store import VARIANTS


def other_tables(data: bytes) -> bytes:
    """A database of another program."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE images (name TEXT)")
        return database.serialize()


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-3],
        lambda data: data[: len(data) // 2],
        lambda data: data[:50],
        lambda data: b"?" + data[1:],
        lambda data: b"",
        lambda data: pickle.dumps({"is": ["another", "program's"]}),
        lambda data: bytes(len(data)),
        lambda data: data[:100] + b"\xff" * (len(data) - 100),
        other_tables,
    ],
)
def test_a_damaged_or_foreign_file_is_ignored_and_replaced(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    run(tmp_path)
    file = cache_file(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    translated(tmp_path)
    assert translated(tmp_path) == 0
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_any_byte_of_the_file_may_be_wrong_without_an_error(tmp_path: Path) -> None:
    run(tmp_path)
    file = cache_file(tmp_path)
    data = file.read_bytes()
    for place in (*range(0, 100, 9), *range(100, len(data), 397)):
        file.write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
        translated(tmp_path)


@pytest.mark.parametrize("wrong", ["'text'", "NULL", "x'00'"])
@pytest.mark.parametrize("column", ["used_s", "size_bytes", "identity", "number + 1"])
def test_numbers_that_are_none_are_no_error(tmp_path: Path, column: str, wrong: str) -> None:
    run(tmp_path)
    with opened(tmp_path) as database:
        database.execute(
            f"UPDATE images SET {column.partition(' ')[0]} = {column if ' ' in column else wrong}"
        )
    translated(tmp_path, 7)
    translated(tmp_path, 9)
    assert translated(tmp_path, 9) == 0


def put_a_folder(path: Path) -> None:
    (path / "with something in it").mkdir(parents=True)


def put_a_loop(path: Path) -> None:
    path.symlink_to(path)


def put_a_pipe(path: Path) -> None:
    os.mkfifo(path)


def put_a_link_to_zeros(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.skipif(sys.platform == "win32", reason="has other things that can be in the way")
@pytest.mark.parametrize("put", [put_a_folder, put_a_loop, put_a_pipe, put_a_link_to_zeros])
def test_something_that_is_no_file_is_not_read(tmp_path: Path, put: Callable[[Path], None]) -> None:
    run(tmp_path)
    file = cache_file(tmp_path)
    file.unlink()
    put(file)
    assert translated(tmp_path) == 1
    assert translated(tmp_path) == (1 if put is put_a_folder else 0)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_is_replaced_and_not_what_it_leads_to(tmp_path: Path) -> None:
    run(tmp_path / "cache")
    file = cache_file(tmp_path / "cache")
    file.unlink()
    letter = tmp_path / "letter"
    letter.write_text("Dear Ada")
    file.symlink_to(letter)
    run(tmp_path / "cache")
    assert letter.read_text() == "Dear Ada"
    assert not file.is_symlink()


@pytest.mark.skipif(sys.platform == "win32", reason="has other rights")
def test_the_file_is_for_its_user_alone(tmp_path: Path) -> None:
    run(tmp_path / "cache")
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700
    assert stat.S_IMODE(cache_file(tmp_path / "cache").stat().st_mode) == 0o600


def test_a_locked_file_is_no_error_and_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_S", 0)
    run(tmp_path, 7)
    with opened(tmp_path) as another:
        another.execute("BEGIN EXCLUSIVE")
        assert translated(tmp_path, 7) == 1
        assert translated(tmp_path, 9) == 1
        another.execute("ROLLBACK")
    assert translated(tmp_path, 7) == 0
    assert translated(tmp_path, 9) == 1


@pytest.mark.parametrize(
    "obstacle", ["PRAGMA query_only = ON", "PRAGMA max_page_count = 1"], ids=["write-protected", "full"]
)
def test_a_full_or_read_only_disk_is_no_error(
    tmp_path: Path, obstacle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, 7)
    before = cache_file(tmp_path).read_bytes()
    connect = sqlite3.connect

    def hindered(*arguments: Any, **options: Any) -> sqlite3.Connection:
        database: sqlite3.Connection = connect(*arguments, **options)
        database.execute(obstacle)
        return database

    monkeypatch.setattr(sqlite3, "connect", hindered)
    large = {(FLASH, 0): [bytes(1 << 20)]}
    assert not database.RecordDatabase(tmp_path, IDENTITY).write(large, 1)
    assert translated(tmp_path, 7) == 0
    monkeypatch.undo()
    assert cache_file(tmp_path).read_bytes() == before


def run_often(directory: Path, values: range) -> None:
    for value in values:
        run(directory, value)


def test_processes_that_start_and_write_at_once_lose_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=run_often, args=(tmp_path, range(first, VARIANTS, 4))) for first in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert cache_file(tmp_path).name.endswith(".sqlite3")
    with opened(tmp_path) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert sum(translated(tmp_path, value) for value in range(VARIANTS)) == 0


def records_of(directory: Path, image: bytes) -> int:
    return len(database.RecordDatabase(directory, image).read())


def keep(directory: Path, image: bytes, size_bytes: int = 1000) -> None:
    assert database.RecordDatabase(directory, image).write({(FLASH, 0): [bytes(size_bytes)]}, 1)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the date, in days."""

    def set_date(days: float) -> None:
        monkeypatch.setattr("emu.cache.database.time.time", lambda: days * 86_400)

    set_date(0)
    return set_date


def test_images_that_were_not_run_for_long_go(tmp_path: Path, now: Callable[[float], None]) -> None:
    keep(tmp_path, b"old")
    keep(tmp_path, b"used")
    now(database.UNUSED_DAYS - 1)
    assert records_of(tmp_path, b"used") == 1
    now(database.UNUSED_DAYS + 1)
    keep(tmp_path, b"new")
    assert [records_of(tmp_path, image) for image in (b"old", b"used", b"new")] == [0, 1, 1]


def test_the_images_not_run_for_longest_go_when_all_become_too_large(
    tmp_path: Path, now: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "TOTAL_BYTES", 300_000)
    images = [b"%d" % number for number in range(5)]
    for day, image in enumerate(images):
        now(day)
        keep(tmp_path, image, 90_000)
        now(day + 1.5)
        records_of(tmp_path, b"0")
    assert [records_of(tmp_path, image) for image in images] == [1, 0, 0, 1, 1]
    assert cache_file(tmp_path).stat().st_size < 350_000


def test_the_files_of_the_former_form_go_once(tmp_path: Path) -> None:
    former = [tmp_path / f"{7:032x}.regions", tmp_path / ".regions-abc"]
    foreign = tmp_path / "notes.txt"
    for path in (*former, foreign):
        path.write_bytes(b"something")
    run(tmp_path, 7)
    assert {path.name for path in tmp_path.iterdir()} == {"notes.txt", "regions-1.sqlite3"}
    former[0].write_bytes(b"of an older w800emu that is still in use")
    run(tmp_path, 9)
    assert former[0].exists()


def test_a_directory_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    guest, _ = run(tmp_path / "file" / "cache")
    assert guest.state.r[1] == 7


def test_nothing_is_written_when_nothing_is_new(tmp_path: Path) -> None:
    run(tmp_path)
    before = cache_file(tmp_path).stat()
    run(tmp_path)
    after = cache_file(tmp_path).stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
