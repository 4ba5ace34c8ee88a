"""Words of translated code that leave it to tell that control has come there: once, then they are replaced.

A block begins with one, and both ways out of a conditional branch have one: instead of the branch that
goes on, or of a NOP. So what has been told costs a NOP a block, and one a branch that is not taken.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Final, NamedTuple

from emu.dbt.region import Region
from emu.engine.coverage import Known

COUNT_SHIFT: Final = 16
"""Behind the reason BEGAN come the instructions of the block."""


class Tell(NamedTuple):
    """What is told: X27 behind the exit."""

    pc: int
    reason: int


class _Place(NamedTuple):
    base: int
    """Of the region."""
    address: int
    loud: int
    silent: int


class Tells:
    """Those of all placed code."""

    def __init__(self) -> None:
        self._told: set[Tell] = set()
        self._regions: dict[int, tuple[Region, array[int]]] = {}
        """By their bases, with their words as they were built; those that are not in `_places` yet."""
        self._places: dict[Tell, list[_Place]] = {}
        self._known: Known = {}
        self._bytes_at: Callable[[int, int], bytes] = lambda address, size_bytes: b""

    def know(self, known: Known, bytes_at: Callable[[int, int], bytes]) -> None:
        """Others have told this, and what they will add, of the same code; `bytes_at` are the guest's."""
        self._known, self._bytes_at = known, bytes_at

    def place(self, base: int, region: Region, words: array[int]) -> None:
        """Note the words of a region that will lie at `base`; those of what has been told are replaced."""
        if not region.tells:
            return
        self._regions[base] = region, array("I", (words[position] for position, _ in region.silent_words))
        code_at = self._code_of(region)
        for what, (position, silent) in zip(region.tells, region.silent_words, strict=True):
            tell = Tell(*what)
            code = self._known.get(tell)
            if tell in self._told or (code is not None and code_at(tell.pc, len(code)) == code):
                self._told.add(tell)
                words[position] = silent

    def _code_of(self, region: Region) -> Callable[[int, int], bytes]:
        """The guest's bytes, read at once as far as others know of them."""
        known = [(pc, pc + len(self._known.get(Tell(pc, reason), b""))) for pc, reason in region.tells]
        first = min(begin for begin, _ in known)
        data = self._bytes_at(first, max(end for _, end in known) - first)
        return lambda pc, size_bytes: data[pc - first : pc - first + size_bytes]

    def drop(self, base: int, region: Region) -> None:
        """A region is no more, for its code has changed: if the same is told again, it is another one."""
        self._regions.pop(base, None)
        for what in region.tells:
            tell = Tell(*what)
            self._told.discard(tell)
            left = [place for place in self._places.pop(tell, ()) if place.base != base]
            if left:
                self._places[tell] = left

    def silence(self, tell: Tell) -> list[tuple[int, int]]:
        """It has been told: (host address, word) to be written."""
        self._told.add(tell)
        return [(place.address, place.silent) for place in self._found(tell)]

    def renew(self, tell: Tell) -> list[tuple[int, int]]:
        """It is to be told again: likewise."""
        self._told.discard(tell)
        return [(place.address, place.loud) for place in self._found(tell)]

    def _found(self, tell: Tell) -> list[_Place]:
        """Where it is told; most regions are only looked into when somebody asks for this."""
        for base, (region, loud_words) in self._regions.items():
            for what, (position, silent), loud in zip(
                region.tells, region.silent_words, loud_words, strict=True
            ):
                place = _Place(base, base + 4 * position, loud, silent)
                self._places.setdefault(Tell(*what), []).append(place)
        self._regions.clear()
        return self._places.get(tell, [])

    @property
    def told(self) -> list[Tell]:
        """All that has been told."""
        return list(self._told)

    def clear(self) -> None:
        """There is no code any more; what was told stays so."""
        self._regions.clear()
        self._places.clear()
