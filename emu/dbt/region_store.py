"""Translated regions on disk, so that a second run starts without translating.

One file an image, named by the image's identity and the translator's own source: another version of
either never sees it. A record is used only if the guest bytes it was made from are there now. The file
is written whole to a temporary name and renamed; a damaged one is ignored and replaced.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import tempfile
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emu.dbt.charge import Charge
from emu.dbt.mode import Mode
from emu.dbt.region import Region

_MAGIC = b"w800emu-regions\n"
_DIGEST_BYTES = 16
_MAX_RECORDS = 50_000

BytesAt = Callable[[int, int], bytes]
Record = tuple[Any, ...]
Key = tuple[int, bool, bool, bool]


class RegionStore:
    """The cache file of one image."""

    def __init__(self, directory: Path, image_identity: bytes) -> None:
        name = hashlib.blake2b(image_identity + _translator_version(), digest_size=_DIGEST_BYTES).hexdigest()
        self._path = directory / f"{name}.regions"
        self._records: dict[Key, list[Record]] = _read(self._path)
        self._changed = False

    def find(self, pc: int, mode: Mode, bytes_at: BytesAt) -> Region | None:
        """A stored region for `pc` that was made from the guest bytes present now."""
        for record in self._records.get((pc, *_bits(mode)), ()):
            if record[0] == _fingerprint(record[1], bytes_at):
                return _region(pc, record)
        return None

    def add(self, region: Region, mode: Mode, bytes_at: BytesAt) -> None:
        """Remember a new region."""
        if len(self._records) >= _MAX_RECORDS:
            return
        key = region.entry, *_bits(mode)
        self._records.setdefault(key, []).append(_record(region, bytes_at))
        self._changed = True

    def save(self) -> None:
        """Write the file if anything is new; a directory that cannot be written is no error."""
        if not self._changed:
            return
        payload = marshal.dumps(self._records)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=".regions-")
        except OSError:
            return
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_MAGIC + _digest(payload) + payload)
            Path(temporary).replace(self._path)
            self._changed = False
        except OSError:
            Path(temporary).unlink(missing_ok=True)


def _bits(mode: Mode) -> tuple[bool, bool, bool]:
    return mode.supervisor, mode.check_alignment, mode.plain_float


def _record(region: Region, bytes_at: BytesAt) -> Record:
    return (
        _fingerprint(region.guest_ranges, bytes_at),
        region.guest_ranges,
        region.words.tobytes(),
        region.exits.tobytes(),
        region.links,
        region.entries,
        region.positions.tobytes(),
        region.pcs.tobytes(),
        region.unspent.tobytes(),
        bytes(region.kinds),
        (region.charge.cost, region.charge.surplus),
    )


def _region(entry: int, record: Record) -> Region:
    _, ranges, words, exits, links, entries, positions, pcs, unspent, kinds, charge = record
    return Region(
        entry,
        array("I", words),
        array("I", exits),
        links,
        entries,
        array("I", positions),
        array("I", pcs),
        array("I", unspent),
        bytearray(kinds),
        ranges,
        Charge(*charge),
    )


def _fingerprint(ranges: list[tuple[int, int]], bytes_at: BytesAt) -> bytes:
    return _digest(b"".join(bytes_at(start, end - start) for start, end in ranges))


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).digest()


def _read(path: Path) -> dict[Key, list[Record]]:
    try:
        data = path.read_bytes()
    except OSError:
        return {}
    start = len(_MAGIC) + _DIGEST_BYTES
    payload = data[start:]
    if not data.startswith(_MAGIC) or data[len(_MAGIC) : start] != _digest(payload):
        return {}
    records: dict[Key, list[Record]] = marshal.loads(payload)
    return records


def _translator_version() -> bytes:
    """A digest of the source that decides what translated code looks like."""
    package = Path(__file__).parent
    version = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    version.update(marshal.dumps((1, marshal.version)))
    for source in sorted([*package.glob("*.py"), *package.parent.joinpath("isa").glob("*.py")]):
        version.update(source.read_bytes())
    return version.digest()
