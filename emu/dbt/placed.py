"""Regions at their places: what a host address stands for, and where the blocks of a CPU mode are."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TypeVar

from emu.dbt import a64
from emu.dbt.builder import IN_JUMP
from emu.dbt.charge import Charge
from emu.dbt.conditions import Kind
from emu.dbt.host import EXIT
from emu.dbt.region import Region

T = TypeVar("T")

GUEST_PAGE_BYTES = 1024
"""Granularity of the index that invalidation uses."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A region at its host address."""

    base: int
    region: Region

    def unlinked(self) -> array[int]:
        """The code for its place, with all its jumps out of it leaving for the engine."""
        words, from_first = self.region.words[:], a64.b((EXIT - self.base) // 4)
        for position in self.region.exits:
            words[position] = from_first - position  # EXIT is behind them all
        return words

    def ended(self) -> array[int]:
        """The code for its place, with a brk at each instruction of the guest."""
        words = self.unlinked()
        for position in self.region.positions:
            words[position] = a64.brk()
        return words


@dataclass(frozen=True, slots=True)
class GuestPosition:
    """What a host address inside translated code stands for."""

    pc: int | None
    """None behind the last instruction of a block that jumps: the guest pc is in X27 then."""
    unspent: int
    """How many instructions of its block have been charged, and not been executed."""
    unspent_cost: int
    kind: Kind
    charge: Charge


@dataclass(slots=True)
class Blocks:
    """The blocks translated for one CPU mode."""

    hosts: dict[int, int] = field(default_factory=dict)
    """Guest pc -> host address."""
    sites: dict[int, dict[int, int]] = field(default_factory=dict)
    """Guest pc -> the jumps to it: host address -> the word there while `hosts` has no such pc."""
    by_page: dict[int, dict[int, Placed]] = field(default_factory=dict)
    """Guest page -> the regions made from bytes of it, by their bases."""

    def forget(self, placed: Placed) -> None:
        """Take the region and its jumps out of the indexes; others may still jump to it."""
        for page in placed.region.pages(GUEST_PAGE_BYTES):
            _discard(self.by_page, page, placed.base)
        for position, target in placed.region.links:
            _discard(self.sites, target, placed.base + 4 * position)


def position_at(region: Region, mark: int) -> GuestPosition:
    """What the words of an instruction of a region stand for."""
    pc, unspent, kind = region.pcs[mark], region.unspent[mark], Kind(region.kinds[mark])
    cost = unspent * region.charge.cost
    return GuestPosition(None if pc == IN_JUMP else pc, unspent, cost, kind, region.charge)


def _discard(index: dict[int, dict[int, T]], key: int, base: int) -> None:
    """Remove an entry, if it is there, and what is empty then."""
    found = index.get(key)
    if found is not None:
        found.pop(base, None)
        if not found:
            del index[key]
