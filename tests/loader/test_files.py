from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
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


def test_a_name_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(LoadError, match="cannot be read"):
        read_file(Path("app\0.elf"))
    with pytest.raises(LoadError, match="cannot be written"):
        write_atomically(Path("app\0.elf"), b"")


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


def test_a_link_stays_one_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    target = tmp_path / "elsewhere" / "flash.bin"
    target.write_bytes(b"old")
    link = tmp_path / "link.bin"
    try:
        link.symlink_to(target)
    except OSError:
        pytest.skip("this user may not make links")
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.skipif(sys.platform == "win32", reason="devices and FIFOs are POSIX")
def test_a_device_stays_one() -> None:
    before = Path(os.devnull).stat()
    write_atomically(Path(os.devnull), b"data")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
    assert Path(os.devnull).stat().st_ino == before.st_ino


@pytest.mark.skipif(sys.platform == "win32", reason="devices and FIFOs are POSIX")
def test_whoever_reads_a_fifo_gets_the_data(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(fifo.read_bytes()))
    reader.start()
    write_atomically(fifo, b"data")
    reader.join()
    assert got == [b"data"]
    assert stat.S_ISFIFO(fifo.stat().st_mode)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_full_device_is_named() -> None:
    with pytest.raises(LoadError, match=r"/dev/full: cannot be written \(No space left on device\)"):
        write_atomically(Path("/dev/full"), b"data")


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="needs /dev/stdout")
def test_standard_output_in_a_file_keeps_what_is_there(tmp_path: Path) -> None:
    script = "\n".join(
        (
            "from pathlib import Path; from emu.loader.files import write_atomically",
            "print('before', flush=True); write_atomically(Path('/dev/stdout'), b'data'); print('after')",
        )
    )
    with (tmp_path / "out").open("wb") as output:
        subprocess.run([sys.executable, "-c", script], stdout=output, check=True)
    assert (tmp_path / "out").read_bytes() == b"before\ndataafter\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.skipif(sys.platform == "win32", reason="rights are POSIX ones")
def test_a_new_file_has_the_rights_that_the_user_gives_new_files(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "new.bin", b"data")
    finally:
        os.umask(before)
    assert (tmp_path / "new.bin").stat().st_mode & 0o777 == 0o640


def test_ctrl_c_at_any_time_leaves_the_old_file_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "flash.bin"
    path.write_bytes(b"old")
    synchronise = os.fsync

    def interrupted(descriptor: int) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        synchronise(descriptor)

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]
