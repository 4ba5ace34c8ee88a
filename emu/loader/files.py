"""Reading and writing whole files; every failure is a LoadError."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

from emu.loader.errors import LoadError
from emu.signal_gate import SignalGate

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
    except (OSError, ValueError) as error:  # ValueError: the name has a NUL, or what no name can have
        raise LoadError(f"{path}: cannot be read ({_reason(error)}): check the name and the rights") from None


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file at once: whoever looks sees the old contents or the new ones, never a part.

    Links and rights stay; what is no regular file, such as a device or a FIFO, is just written to. A
    write-protected file is refused, though renaming over it would be possible.
    """
    try:
        information = _information(path)
        if information is None or stat.S_ISREG(information.st_mode):
            _replace(Path(os.path.realpath(path)), data, information)
        else:
            with path.open("wb") as device:
                device.write(data)
    except (OSError, ValueError) as error:
        raise LoadError(
            f"{path}: cannot be written ({_reason(error)}): choose a file in a folder you may write to"
        ) from None


def _information(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _replace(path: Path, data: bytes, old: os.stat_result | None) -> None:
    if old is not None and not old.st_mode & stat.S_IWUSR:
        raise PermissionError(errno.EACCES, "the file is write-protected")
    for descriptor in (1, 2):
        if old is not None and _is_open_as(descriptor, old):  # /dev/stdout: its file is in use
            with open(descriptor, "wb", closefd=False) as stream:
                stream.write(data)
            return
    temporary = path.with_name(
        f".w800emu-{os.urandom(8).hex()}"
    )  # any name of a file may be too long for more
    with SignalGate():
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if old is not None:
                temporary.chmod(stat.S_IMODE(old.st_mode))
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _is_open_as(descriptor: int, information: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), information)
    except OSError:
        return False


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
