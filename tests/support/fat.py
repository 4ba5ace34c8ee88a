"""FAT file systems made and read by programs that know nothing of the emulator: dosfstools, mtools."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def _run(*arguments: str) -> str:
    if shutil.which(arguments[0]) is None:
        pytest.skip(f"needs {arguments[0]} (apt install mtools dosfstools)")
    return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout


def make(path: Path, size_mib: int, **files: bytes) -> None:
    """An image with a FAT16 file system, and files by their names without `.txt`."""
    path.write_bytes(bytes(size_mib << 20))
    _run("mkfs.vfat", "-F", "16", str(path))
    for name, content in files.items():
        file = path.with_name(f"{name}.txt")
        file.write_bytes(content)
        _run("mcopy", "-i", str(path), str(file), f"::{name}.txt")


def read(path: Path, name: str, *, first_block: int = 0) -> str:
    """What a file on an image holds; the file system begins at a block."""
    return _run("mtype", "-i", f"{path}@@{512 * first_block}", f"::{name}")


def names(path: Path, *, first_block: int = 0) -> list[str]:
    """The files of the first folder of an image."""
    found = _run("mdir", "-b", "-i", f"{path}@@{512 * first_block}", "::")
    return [line.removeprefix("::/") for line in found.splitlines()]


def check(path: Path) -> None:
    """CalledProcessError if the file system is damaged."""
    _run("fsck.vfat", "-n", str(path))
