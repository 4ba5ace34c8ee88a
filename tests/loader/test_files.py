from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from emu.loader.errors import LoadError
from emu.loader.files import read_file, write_atomically


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "flash.bin"
    path.write_bytes(b"old")
    write_atomically(path, b"new contents")
    assert path.read_bytes() == b"new contents"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_can_be_read_back(tmp_path: Path) -> None:
    write_atomically(tmp_path / "new.bin", b"data")
    assert read_file(tmp_path / "new.bin") == b"data"


@pytest.mark.skipif(sys.platform == "win32", reason="rights are POSIX ones")
def test_the_rights_of_a_file_stay(tmp_path: Path) -> None:
    path = tmp_path / "flash.bin"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write_atomically(path, b"new")
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_failed_write_leaves_the_old_file_and_no_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "flash.bin"
    path.write_bytes(b"old")

    def disk_full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(LoadError, match=r"flash\.bin: cannot be written \(No space left on device\)"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"cannot be written \(No such file or directory\): choose a file"):
        write_atomically(tmp_path / "missing" / "flash.bin", b"data")


def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"missing\.img: cannot be read \(No such file or directory\)"):
        read_file(tmp_path / "missing.img")


def test_a_folder_in_the_place_of_a_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "flash.bin").mkdir()
    with pytest.raises(LoadError, match="cannot be written"):
        write_atomically(tmp_path / "flash.bin", b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["flash.bin"]


def test_a_write_protected_file_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "flash.bin"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(LoadError, match=r"flash\.bin: cannot be written \(the file is write-protected\)"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
