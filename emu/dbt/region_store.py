"""Translated regions on disk, so that a second run starts without translating.

They are kept by the image's identity and the translator's own source: another version of either never sees
them. A record is used only if it is whole, and if the guest bytes it was made from are there now. Whatever
cannot be read counts for nothing; what cannot be written is translated again the next time.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from emu.cache.digests import digest, source_digest
from emu.dbt.mode import Mode
from emu.dbt.region import Region
from emu.dbt.region_record import (
    fingerprint_in,
    key_of,
    record_in,
    record_of,
    region_in,
    stored,
)
from emu.dbt.store_notes import StoreNotes
from emu.dbt.translation_options import TranslationOptions

if TYPE_CHECKING:
    from emu.cache.database import Key

IMAGE_BYTES = 16 << 20
"""All records of an image together."""
VARIANTS = 8
"""Of a region, for the guest bytes that were there at one time or another."""

BytesAt = Callable[[int, int], bytes]
_TRANSLATOR: Final = ("cache", "dbt", "engine", "isa")
"""The source that decides what translated code looks like, and how it is stored."""
_AS_USUAL: Final = TranslationOptions()


class _Kept:
    """A record, read when it is first asked for: machines that share a store ask again and again."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @cached_property
    def read(self) -> tuple[Key, bytes, Region]:
        """What it is found by, the fingerprint, and the region; DamagedRecordError."""
        record = record_in(self.data)
        return key_of(record), fingerprint_in(record), region_in(record)


class RegionStore:
    """The regions of one image, as they lie in the database of a folder; engines may share them."""

    def __init__(
        self,
        folder: Path,
        image_identity: bytes,
        options: TranslationOptions = _AS_USUAL,
        made_for: object = None,
    ) -> None:
        """`made_for`: what else all code of an engine depends on; other text, other records."""
        self._like_this = partial(RegionStore, folder, image_identity, made_for=made_for)
        self._siblings: dict[TranslationOptions, RegionStore] = {options: self}
        self._folder = folder
        made_to_be = repr((options, made_for, sys.byteorder)).encode()
        self._identity = digest(image_identity + made_to_be + source_digest(*_TRANSLATOR))
        self._records: dict[Key, list[_Kept]] = {}
        self.notes = StoreNotes()
        """Of all engines that share it."""
        self._size_bytes = 0
        self._changed: set[Key] = set()
        self._is_read = False

    def sibling(self, options: TranslationOptions) -> RegionStore:
        """The store of the same image's regions as other options make them; `save` of any writes all."""
        if options not in self._siblings:
            store = self._siblings[options] = self._like_this(options)
            store._siblings = self._siblings
        return self._siblings[options]

    def find(self, pc: int, mode: Mode, bytes_at: BytesAt) -> Region | None:
        """The newest stored region for `pc` that was made from the guest bytes present now."""
        self._read()
        key = pc, mode.number
        for kept in reversed(self._records.get(key, [])):
            with contextlib.suppress(ValueError):  # damaged
                found, fingerprint, region = kept.read
                if found == key and fingerprint == _fingerprint(region.guest_ranges, bytes_at):
                    return region
        return None

    def add(self, region: Region, mode: Mode, bytes_at: BytesAt) -> None:
        """Remember a new region, and forget the oldest when there are too many."""
        self._read()
        record = record_of(region, mode.number, _fingerprint(region.guest_ranges, bytes_at))
        self._changed.add(key_of(record))
        self._keep(key_of(record), stored(record))

    def _read(self) -> None:
        """Take what the database has, once: not every store is asked."""
        if self._is_read:
            return
        self._is_read = True
        with contextlib.suppress(ImportError):  # a Python may have been built without SQLite
            from emu.cache.database import RecordDatabase

            for key, record in RecordDatabase(self._folder, self._identity).read():
                self._keep(key, record)

    def _keep(self, key: Key, record: bytes) -> None:
        known = self._records.setdefault(key, [])
        known.append(_Kept(record))
        self._size_bytes += len(record)
        if len(known) > VARIANTS:
            self._size_bytes -= len(known.pop(0).data)
        while self._size_bytes > IMAGE_BYTES:
            oldest = next(iter(self._records))
            self._size_bytes -= sum(len(each.data) for each in self._records.pop(oldest))
            self._changed.add(oldest)

    def save(self) -> None:
        """Write what is new; a folder or a file that cannot be written is no error."""
        for store in self._siblings.values():
            store._write()

    def _write(self) -> None:
        if not self._changed:
            return
        with contextlib.suppress(ImportError):
            from emu.cache.database import RecordDatabase

            changed = {
                key: [each.data for each in self._records.get(key, ())] for key in sorted(self._changed)
            }
            if RecordDatabase(self._folder, self._identity).write(changed, VARIANTS):
                self._changed.clear()


def _fingerprint(ranges: list[tuple[int, int]], bytes_at: BytesAt) -> bytes:
    return digest(b"".join(bytes_at(start, end - start) for start, end in ranges))
