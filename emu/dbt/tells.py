"""Words of translated code that leave it to tell that control has come there: once, then they are replaced.

A block begins with one, and both ways out of a conditional branch have one: instead of the branch that
goes on, or of a NOP. So what has been told costs a NOP a block, and one a branch that is not taken.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from itertools import chain
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


class _Shared(NamedTuple):
    """The tells of a region that others have told, and its others."""

    numbers: list[int]
    tells: list[tuple[int, int]]
    others: list[tuple[int, tuple[int, int]]]


_PAGE_SHIFT: Final = 10
"""Tells are looked for among the regions that have some in the same piece of guest code, so large."""


class Tells:
    """Those of all placed code."""

    def __init__(self) -> None:
        self._told: set[tuple[int, int]] = set()
        """Tells, as plain tuples: there are many, and they are looked up often."""
        self._by_page: dict[int, dict[int, Region]] = {}
        """Regions by their bases."""
        self._known = Known()
        self._bytes_at: Callable[[int, int], bytes] = lambda address, size_bytes: b""

    def know(self, known: Known, bytes_at: Callable[[int, int], bytes]) -> None:
        """Others have told this, and what they will add, of the same code; `bytes_at` are the guest's."""
        self._known, self._bytes_at = known, bytes_at

    def place(self, base: int, region: Region, words: array[int]) -> None:
        """Note the words of a region that will lie at `base`; those of what has been told are replaced."""
        if not region.tell_pcs:
            return
        for page in _pages(region):
            self._by_page.setdefault(page, {})[base] = region
        told, positions, silent_words = self._told, region.tell_positions, region.silent_words
        shared = self._shared_by(region)
        told.update(shared.tells)
        for number in chain(shared.numbers, (number for number, tell in shared.others if tell in told)):
            words[positions[number]] = silent_words[number]

    def _shared_by(self, region: Region) -> _Shared:
        """Which of its tells others have told, of the same code."""
        code, found = self._known.code, self._known.found
        first = min(region.tell_pcs)
        here = self._bytes_at(first, max(region.tell_pcs) + _MOST_BYTES - first)
        key = here, region.tell_pcs.tobytes(), region.tell_reasons.tobytes()
        shared = found.get(key)
        if shared is None:
            tells = zip(region.tell_pcs, region.tell_reasons, strict=True)
            shared = found[key] = _Shared([], [], list(enumerate(tells)))
        for number, tell in shared.others[:]:
            if tell in code and here.startswith(code[tell], tell[0] - first):
                shared.others.remove((number, tell))
                shared.numbers.append(number)
                shared.tells.append(tell)
        return shared

    def drop(self, base: int, region: Region) -> None:
        """A region is no more, for its code has changed: if the same is told again, it is another one."""
        for page in _pages(region):
            self._by_page[page].pop(base, None)
        self._told.difference_update(zip(region.tell_pcs, region.tell_reasons, strict=True))

    def silence(self, tell: Tell) -> list[tuple[int, int]]:
        """It has been told: (host address, word) to be written."""
        self._told.add(tell)
        return [
            (base + 4 * region.tell_positions[number], region.silent_words[number])
            for base, region, number in self._found(tell)
        ]

    def renew(self, tell: Tell) -> list[tuple[int, int]]:
        """It is to be told again: likewise."""
        self._told.discard(tell)
        return [
            (base + 4 * (position := region.tell_positions[number]), region.words[position])
            for base, region, number in self._found(tell)
        ]

    def _found(self, tell: Tell) -> Iterator[tuple[int, Region, int]]:
        """Where it is told: regions at their bases, and which of their tells it is."""
        for base, region in self._by_page.get(tell.pc >> _PAGE_SHIFT, {}).items():
            if tell.pc in region.tell_pcs:
                for number, what in enumerate(zip(region.tell_pcs, region.tell_reasons, strict=True)):
                    if what == tell:
                        yield base, region, number

    @property
    def told(self) -> list[Tell]:
        """All that has been told."""
        return [Tell(*each) for each in self._told]

    def clear(self) -> None:
        """There is no code any more; what was told stays so."""
        self._by_page.clear()


def _pages(region: Region) -> set[int]:
    return {pc >> _PAGE_SHIFT for pc in region.tell_pcs}
