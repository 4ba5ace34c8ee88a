"""Digests of pages of memory, and those of the flash as it changes."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

from emu.machine import Machine
from peripherals.framework.page_copies import PAGE_BYTES, Pages

MOST_KNOWN: Final = 8192
"""So many pages, 32 MB, are kept in memory for it at most."""


class PageDigests:
    """Digests of pages of memory; snapshots share the pages that are equal, so most are known."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[bytes, bytes]] = {}

    def of(self, page: bytes) -> bytes:
        """16 bytes for a page."""
        known = self._known.get(id(page))
        if known is None or known[0] is not page:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            known = self._known[id(page)] = page, _digest(page)
        return known[1]

    def of_all(self, pages: Pages) -> bytes:
        """16 bytes for a memory."""
        return _digest(b"".join(map(self.of, pages)))


class FlashDigests:
    """Those of a machine's flash as it is."""

    def __init__(self, machine: Machine, digests: PageDigests) -> None:
        self._pages: list[bytes] = []
        self._changed: set[int] = set()
        self._digests = digests
        self._contents = machine.flash.contents
        machine.flash.changed.append(self._note)

    def begin(self, pages: Pages) -> None:
        """These are its contents now."""
        self._pages = [self._digests.of(page) for page in pages]
        self._changed.clear()

    @property
    def pages(self) -> list[bytes]:
        """16 bytes for each page."""
        for number in self._changed:
            page = self._contents[number * PAGE_BYTES : (number + 1) * PAGE_BYTES]
            self._pages[number] = _digest(page)
        self._changed.clear()
        return self._pages

    @property
    def of_all(self) -> bytes:
        """16 bytes for all of it."""
        return _digest(b"".join(self.pages))

    def _note(self, offset: int, size_bytes: int) -> None:
        if self._pages:
            self._changed.update(range(offset // PAGE_BYTES, -(-(offset + size_bytes) // PAGE_BYTES)))


def _digest(data: bytes | memoryview) -> bytes:
    return blake2b(data, digest_size=16).digest()
