"""Reading and writing whole files; every failure is a LoadError."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path
from typing import Final

from emu.loader.errors import LoadError

READ_LIMIT_BYTES: Final = 512 << 20
"""Debug information makes ELF files large, but not that large."""


def read_file(path: Path) -> bytes:
    """Read a file to its end."""
    try:
        if not path.is_file() and path.exists() and str(path) != os.devnull:
            raise LoadError(f"{path}: is no regular file: give one")
        with path.open("rb") as file:
            data = file.read(READ_LIMIT_BYTES + 1)
        if len(data) > READ_LIMIT_BYTES:
            raise LoadError(f"{path}: more than {READ_LIMIT_BYTES >> 20} MB: that is no firmware")
        return data
    except OSError as error:
        raise LoadError(f"{path}: cannot be read ({_reason(error)}): check the name and the rights") from None


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file at once: whoever looks sees the old contents or the new ones, never a part.

    A write-protected file is refused, though renaming over it would be possible.
    """
    temporary = None
    try:
        mode = _mode_of(path)
        if not mode & stat.S_IWUSR:
            raise PermissionError(errno.EACCES, "the file is write-protected")
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise LoadError(
            f"{path}: cannot be written ({_reason(error)}): choose a file in a folder you may write to"
        ) from None


def _mode_of(path: Path) -> int:
    """The rights the file has, or those of a new one: a temporary file is its owner's alone."""
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        return 0o644


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
