"""Translated regions on disk, so that a second run starts without translating.

One file an image, named by the image's identity and the translator's own source: another version of
either never sees it. A record is used only if the guest bytes it was made from are there now. The file
is written whole to a temporary name and renamed. Whatever cannot be read, is no such file or is damaged
counts for nothing and is replaced; what cannot be written is translated again the next time. When a folder
becomes too large, the files go that were not used for longest.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import sys
import tempfile
from array import array
from collections.abc import Callable
from pathlib import Path

from emu.dbt.mode import Mode
from emu.dbt.region import Region
from emu.dbt.region_record import (
    FINGERPRINT_BYTES,
    Key,
    Record,
    fingerprint_in,
    key_of,
    ranges_in,
    record_of,
    records_in,
    region_in,
)

FOLDER_BYTES = 64 << 20
"""All files of a folder together; the SDK's `atcmd` takes 1.4 MB."""
FILE_BYTES = 16 << 20
VARIANTS = 8
"""Of a region, for the guest bytes that were there at one time or another."""

_MAGIC = b"w800emu-regions\n"
_NAME = re.compile(r"[0-9a-f]{32}\.regions")
_TEMPORARY = ".regions-"
_ABANDONED_S = 3600  # a temporary file so much older than the newest was left by a process that has died
_NO_FILE = (OSError, ValueError)  # ValueError: also of names that no file can have

BytesAt = Callable[[int, int], bytes]


class RegionStore:
    """The cache file of one image."""

    def __init__(self, directory: Path, image_identity: bytes, made_for: object = None) -> None:
        """`made_for`: what else all code of an engine depends on; other text, other file."""
        identity = image_identity + repr(made_for).encode() + _translator_version()
        self._path = directory / f"{_digest(identity).hex()}.regions"
        self._records: dict[Key, list[Record]] = {}
        self._size_bytes = 0
        for record in _read(self._path):
            self._keep(record)
        self._changed = False

    def find(self, pc: int, mode: Mode, bytes_at: BytesAt) -> Region | None:
        """A stored region for `pc` that was made from the guest bytes present now."""
        for record in self._records.get((pc, mode.number), ()):
            with contextlib.suppress(ValueError):  # damaged, and of the right digest: made by hand
                if fingerprint_in(record) == _fingerprint(ranges_in(record), bytes_at):
                    return region_in(record)
        return None

    def add(self, region: Region, mode: Mode, bytes_at: BytesAt) -> None:
        """Remember a new region, and forget the oldest when there are too many."""
        self._keep(record_of(region, mode.number, _fingerprint(region.guest_ranges, bytes_at)))
        self._changed = True

    def _keep(self, record: Record) -> None:
        known = self._records.setdefault(key_of(record), [])
        known.append(record)
        self._size_bytes += 4 * len(record)
        if len(known) > VARIANTS:
            self._size_bytes -= 4 * len(known.pop(0))
        while self._size_bytes > FILE_BYTES:
            oldest = next(iter(self._records))
            self._size_bytes -= sum(4 * len(record) for record in self._records.pop(oldest))

    def save(self) -> None:
        """Write the file if anything is new; a directory that cannot be written is no error."""
        if not self._changed:
            return
        payload = b"".join(record.tobytes() for known in self._records.values() for record in known)
        with contextlib.suppress(*_NO_FILE):
            _write(self._path, _MAGIC + _digest(payload) + payload)
            self._changed = False
        with contextlib.suppress(OSError, LookupError):  # of files that another run removes meanwhile
            _remove_oldest(self._path)


def _fingerprint(ranges: list[tuple[int, int]], bytes_at: BytesAt) -> bytes:
    return _digest(b"".join(bytes_at(start, end - start) for start, end in ranges))


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=FINGERPRINT_BYTES).digest()


def _read(path: Path) -> list[Record]:
    """The records of a file, which counts as used from now on."""
    try:
        if not path.is_file() or path.stat().st_size > 2 * FILE_BYTES:
            return []
        data = path.read_bytes()
        start = len(_MAGIC) + FINGERPRINT_BYTES
        payload = data[start:]
        if not data.startswith(_MAGIC) or data[len(_MAGIC) : start] != _digest(payload):
            return []
        records = records_in(array("I", payload))
    except _NO_FILE:
        return []
    with contextlib.suppress(OSError):
        os.utime(path)
    return records


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=_TEMPORARY)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _remove_oldest(newest: Path) -> None:
    """Bound the folder: the files that were not used for longest go, whoever else removes them meanwhile."""
    found = {Path(entry.path): entry.stat(follow_symlinks=False) for entry in os.scandir(newest.parent)}
    left_bytes, now_s = FOLDER_BYTES - found[newest].st_size, found.pop(newest).st_mtime
    files = {path: status for path, status in found.items() if stat.S_ISREG(status.st_mode)}
    for path, status in sorted(files.items(), key=lambda item: item[1].st_mtime, reverse=True):
        if _NAME.fullmatch(path.name):
            left_bytes -= status.st_size
            is_unwanted = left_bytes < 0
        else:
            is_abandoned = now_s - status.st_mtime > _ABANDONED_S
            is_unwanted = path.name.startswith(_TEMPORARY) and is_abandoned
        if is_unwanted:
            with contextlib.suppress(OSError):
                path.unlink()


def _translator_version() -> bytes:
    """A digest of the source that decides what translated code looks like, and how it is stored."""
    emu = Path(__file__).parents[1]
    folders = (emu / name for name in ("dbt", "engine", "isa"))
    version = hashlib.blake2b(sys.byteorder.encode(), digest_size=FINGERPRINT_BYTES)
    for source in sorted(source for folder in folders for source in folder.rglob("*.py")):
        version.update(source.read_bytes())
    return version.digest()
