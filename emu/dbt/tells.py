"""Words of translated code that leave it to tell that control has come there: once, then they are replaced.

A block begins with one, and both ways out of a conditional branch have one: instead of the branch that
goes on, or of a NOP. So what has been told costs a NOP a block, and one a branch that is not taken.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Final, NamedTuple

from emu.dbt.discovery import MAX_INSTRUCTIONS
from emu.dbt.region import Region
from emu.engine.coverage import Known
from emu.engine.flow import LONGEST_BYTES

_MOST_BYTES: Final = MAX_INSTRUCTIONS * LONGEST_BYTES
"""Of a block."""
COUNT_SHIFT: Final = 16
"""Behind the reason BEGAN come the instructions of the block."""
REASON: Final = (1 << COUNT_SHIFT) - 1
"""The bits of the reason itself."""


class Tell(NamedTuple):
    """What is told: X27 behind the exit."""

    pc: int
    reason: int


class _Shared:
    """What others have told of a region."""

    def __init__(self, region: Region) -> None:
        self.silent: list[tuple[int, int]] = []
        """(position, word) of its words that tell so."""
        self.others = list(enumerate(zip(region.tell_pcs, region.tell_reasons, strict=True)))
        """(number, tell) of the rest."""
        self._looked_at = 0

    def look(
        self, region: Region, code: dict[tuple[int, int], bytes], bytes_at: Callable[[int, int], bytes]
    ) -> None:
        """Look at what has been told by now, of the same code."""
        if len(code) == self._looked_at:
            return
        self._looked_at, first = len(code), min(region.tell_pcs)
        here = bytes_at(first, max(region.tell_pcs) + _MOST_BYTES - first)
        for number, tell in self.others[:]:
            if tell in code and here.startswith(code[tell], tell[0] - first):
                self.others.remove((number, tell))
                self.silent.append((region.tell_positions[number], region.silent_words[number]))


class Tells:
    """What has been told of placed code."""

    def __init__(self) -> None:
        self._told: set[tuple[int, int]] = set()
        """Tells, as plain tuples: there are many, and they are looked up often."""
        self._known = Known()
        self._bytes_at: Callable[[int, int], bytes] = lambda address, size_bytes: b""

    def know(self, known: Known, bytes_at: Callable[[int, int], bytes]) -> None:
        """Nothing has been told here; others have told this, and what they will add, of the same code.

        `bytes_at` are the guest's.
        """
        self._told.clear()
        self._known, self._bytes_at = known, bytes_at

    def place(self, region: Region, words: array[int]) -> None:
        """Replace those of the words of a region that will be placed which tell what has been told."""
        if not region.tell_pcs:
            return
        shared, told = self._shared_by(region), self._told
        for position, word in shared.silent:
            words[position] = word
        if told:
            for number, tell in shared.others:
                if tell in told:
                    words[region.tell_positions[number]] = region.silent_words[number]

    def _shared_by(self, region: Region) -> _Shared:
        shared = self._known.found.get(region)
        if shared is None:
            shared = self._known.found[region] = _Shared(region)
        assert isinstance(shared, _Shared)
        shared.look(region, self._known.code, self._bytes_at)
        return shared

    def drop(self, region: Region) -> None:
        """A region is no more, for its code has changed: if the same is told again, it is another one."""
        self._told.difference_update(zip(region.tell_pcs, region.tell_reasons, strict=True))

    def silence(self, tell: Tell) -> None:
        """It has been told."""
        self._told.add(tell)

    def renew(self, tell: Tell) -> None:
        """It is to be told again."""
        self._told.discard(tell)
