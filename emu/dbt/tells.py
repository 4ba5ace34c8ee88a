"""Words of translated code that leave it to tell that control has come there: once, then they are replaced.

A block begins with one, and both ways out of a conditional branch have one: instead of the branch that
goes on, or of a NOP. So what has been told costs a NOP a block, and one a branch that is not taken.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from emu.dbt.discovery import MAX_INSTRUCTIONS
from emu.dbt.region import Region
from emu.engine.coverage import Known
from emu.engine.flow import LONGEST_BYTES

_MOST_BYTES: Final = MAX_INSTRUCTIONS * LONGEST_BYTES
"""Of a block."""
COUNT_SHIFT: Final = 16
"""Behind the reason BEGAN come the instructions of the block."""


class Tell(NamedTuple):
    """What is told: X27 behind the exit."""

    pc: int
    reason: int


_Place = tuple[int, int, int, int]
"""Where the region begins, where the word is, what it is while it tells, and then."""


class Tells:
    """Those of all placed code."""

    def __init__(self) -> None:
        self._told: set[tuple[int, int]] = set()
        """Tells, as plain tuples: there are many, and they are looked up often."""
        self._regions: dict[int, Region] = {}
        """By their bases; those that are not in `_places` yet."""
        self._places: dict[tuple[int, int], list[_Place]] = {}
        self._known: Known = {}
        self._bytes_at: Callable[[int, int], bytes] = lambda address, size_bytes: b""

    def know(self, known: Known, bytes_at: Callable[[int, int], bytes]) -> None:
        """Others have told this, and what they will add, of the same code; `bytes_at` are the guest's."""
        self._known, self._bytes_at = known, bytes_at

    def place(self, base: int, region: Region, words: array[int]) -> None:
        """Note the words of a region that will lie at `base`; those of what has been told are replaced."""
        if not region.tell_pcs:
            return
        self._regions[base] = region
        told, known = self._told, self._known
        first = min(region.tell_pcs)
        code = self._bytes_at(first, max(region.tell_pcs) + _MOST_BYTES - first) if known else b""
        for tell, position, silent in _tells_of(region):
            if tell not in told:
                of_others = known.get(tell)
                if of_others is None or not code.startswith(of_others, tell[0] - first):
                    continue
                told.add(tell)
            words[position] = silent

    def drop(self, base: int, region: Region) -> None:
        """A region is no more, for its code has changed: if the same is told again, it is another one."""
        self._regions.pop(base, None)
        for tell in zip(region.tell_pcs, region.tell_reasons, strict=True):
            self._told.discard(tell)
            left = [place for place in self._places.pop(tell, ()) if place[0] != base]
            if left:
                self._places[tell] = left

    def silence(self, tell: Tell) -> list[tuple[int, int]]:
        """It has been told: (host address, word) to be written."""
        self._told.add(tell)
        return [(address, silent) for _, address, _, silent in self._found(tell)]

    def renew(self, tell: Tell) -> list[tuple[int, int]]:
        """It is to be told again: likewise."""
        self._told.discard(tell)
        return [(address, loud) for _, address, loud, _ in self._found(tell)]

    def _found(self, tell: Tell) -> list[_Place]:
        """Where it is told; most regions are only looked into when somebody asks for this."""
        places = self._places
        for base, region in self._regions.items():
            words = region.words
            for what, position, silent in _tells_of(region):
                places.setdefault(what, []).append((base, base + 4 * position, words[position], silent))
        self._regions.clear()
        return places.get(tell, [])

    @property
    def told(self) -> list[Tell]:
        """All that has been told."""
        return [Tell(*each) for each in self._told]

    def clear(self) -> None:
        """There is no code any more; what was told stays so."""
        self._regions.clear()
        self._places.clear()


def _tells_of(region: Region) -> Iterator[tuple[tuple[int, int], int, int]]:
    """What each word tells, where it is, and what it becomes."""
    tells = zip(region.tell_pcs, region.tell_reasons, strict=True)
    return zip(tells, region.tell_positions, region.silent_words, strict=True)
