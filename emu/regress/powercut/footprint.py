"""Which bytes of a flash an update depends on, and which it replaces whatever they were."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peripherals.framework.page_copies import PAGE_BYTES

_UNTOUCHED, _USED, _REPLACED = range(3)
_USE: Final = bytes((_USED, _USED, _REPLACED))
_REPLACE: Final = bytes((_REPLACED, _USED, _REPLACED))


class Footprint:
    """What happens first to each byte counts: what is replaced before it was used does not matter."""

    def __init__(self, size_bytes: int) -> None:
        self._fates = bytearray(size_bytes)
        self._sector = -1

    def use(self, offset: int, size_bytes: int) -> None:
        """What comes depends on these bytes."""
        self._become(offset, size_bytes, _USE)

    def replace(self, offset: int, size_bytes: int) -> None:
        """These bytes of one sector, or of several, become others; the rest of it comes back."""
        self._become(offset, size_bytes, _REPLACE)
        self._sector = offset // PAGE_BYTES

    def is_explained(self, offset: int, size_bytes: int) -> bool:
        """Whether an erase or program is part of the latest replacement."""
        return offset // PAGE_BYTES == self._sector == (offset + size_bytes - 1) // PAGE_BYTES

    def replaced(self) -> Iterator[tuple[int, int]]:
        """Offset and size of each run of bytes that do not matter."""
        end = 0
        while (begin := self._fates.find(_REPLACED, end)) >= 0:
            rest = self._fates[begin:].lstrip(bytes((_REPLACED,)))
            end = len(self._fates) - len(rest)
            yield begin, end - begin

    def _become(self, offset: int, size_bytes: int, table: bytes) -> None:
        part = slice(offset, offset + size_bytes)
        self._fates[part] = self._fates[part].translate(table.ljust(256, b"\0"))
