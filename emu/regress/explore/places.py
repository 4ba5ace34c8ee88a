"""`Places`: instructions and ways of branches, as numbers that are the same in every process."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

from emu.isa.decode import size_bytes


class Places:
    """Hears of code that is executed for the first time: see `emu.engine.coverage.CoverageSink`.

    In which pieces it hears of it depends on what is translated already; so it counts instructions.
    """

    def __init__(self) -> None:
        self._known: set[int] = set()
        self._new: set[int] = set()

    def executed(self, address: int, code: bytes) -> None:
        """See there."""
        at = 0
        while at < len(code):
            size = size_bytes(code[at] | code[at + 1] << 8)
            self._add(address + at, code[at : at + size], 0)
            at += size

    def branched(self, address: int, code: bytes, *, is_taken: bool) -> None:
        """See there."""
        self._add(address, code, 2 if is_taken else 1)

    def take(self) -> frozenset[int]:
        """What is new since the last call."""
        new = frozenset(self._new)
        self._known |= new
        self._new.clear()
        return new

    def know(self, places: Iterable[int]) -> None:
        """Those are not new: others have been there."""
        self._known.update(places)

    def _add(self, address: int, code: bytes, way: int) -> None:
        place = crc32(code, address) << 2 | way
        if place not in self._known:
            self._new.add(place)
