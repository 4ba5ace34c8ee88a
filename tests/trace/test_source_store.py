"""What is kept of programs is what is read of them, and never that of another one or of another version."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import elftools
import pytest

import roms
from emu.cache.digests import DIGEST_BYTES
from emu.trace.coverage import source_store
from emu.trace.coverage.body_lines import BodyLines
from emu.trace.coverage.source_coverage import source_of
from emu.trace.coverage.source_store import SourceStore

ELF = (Path(roms.__file__).parent / "atcmd" / "atcmd.elf").read_bytes()
BODIES = source_of(ELF)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The ELF files that were read because nothing was kept of them."""
    read: list[bytes] = []

    def noted(elf: bytes) -> list[BodyLines]:
        read.append(elf)
        return BODIES

    monkeypatch.setattr(source_store, "source_of", noted)
    return read


def test_the_second_run_reads_no_debug_information(tmp_path: Path, reads: list[bytes]) -> None:
    assert BODIES
    for _ in range(3):
        store = SourceStore(tmp_path)
        assert store.source_of(ELF) == store.source_of(ELF) == BODIES
    assert reads == [ELF]
    assert [type(each) for each in SourceStore(tmp_path).source_of(ELF)[0]] == [
        type(each) for each in BODIES[0]
    ]


def test_without_a_folder_nothing_is_kept(reads: list[bytes]) -> None:
    store = SourceStore(None)
    assert store.source_of(ELF) == store.source_of(ELF) == BODIES
    assert reads == [ELF]
    SourceStore(None).source_of(ELF)
    assert reads == [ELF] * 2


def test_another_program_and_other_versions_have_their_own(
    tmp_path: Path, reads: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    SourceStore(tmp_path).source_of(ELF)
    SourceStore(tmp_path).source_of(ELF + b"\0")
    assert len(reads) == 2
    for module, name, changed in (
        (source_store, "__version__", "99"),
        (elftools, "__version__", "99"),
        (source_store, "source_digest", lambda *_: bytes(DIGEST_BYTES)),
        (sys, "version", "4.0"),
    ):
        with monkeypatch.context() as other:
            other.setattr(module, name, changed)
            SourceStore(tmp_path).source_of(ELF)
    assert len(reads) == 6
    SourceStore(tmp_path).source_of(ELF)
    assert len(reads) == 6


@pytest.mark.parametrize(
    "damage", ["x'00'", "x''", "substr(record, 1, 200)", "x'ff' || substr(record, 2)", "NULL"]
)
def test_a_damaged_record_is_made_again(tmp_path: Path, reads: list[bytes], damage: str) -> None:
    SourceStore(tmp_path).source_of(ELF)
    [file] = tmp_path.iterdir()
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(f"UPDATE regions SET record = {damage}")
    for _ in range(2):
        assert SourceStore(tmp_path).source_of(ELF) == BODIES
    assert len(reads) == 2


def test_a_damaged_file_is_made_again(tmp_path: Path, reads: list[bytes]) -> None:
    SourceStore(tmp_path).source_of(ELF)
    [file] = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:5000])
    for _ in range(2):
        assert SourceStore(tmp_path).source_of(ELF) == BODIES
    assert len(reads) == 2
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_that_cannot_be_is_no_error(tmp_path: Path, reads: list[bytes]) -> None:
    (tmp_path / "file").touch()
    for _ in range(2):
        assert SourceStore(tmp_path / "file").source_of(ELF) == BODIES
    assert len(reads) == 2


def test_a_python_without_sqlite_reads_each_time(
    tmp_path: Path, reads: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "emu.cache.database", None)
    for _ in range(2):
        assert SourceStore(tmp_path).source_of(ELF) == BODIES
    assert len(reads) == 2
    assert not list(tmp_path.iterdir())
