"""Which words of a region belong to which guest instruction, for people who look at it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Final

from emu.dbt.region import Region

_BRANCH: Final = 0x1400_0000, 0xFC00_0000  # B
_JUMP: Final = 0xD61F_0000, 0xFFFF_FC1F  # BR Xn


@dataclass(frozen=True, slots=True)
class RegionParts:
    """A region cut into ranges of words."""

    heads: dict[int, range]
    """Start of a block -> what pays for it."""
    instructions: dict[int, range]
    """Instruction -> its words; of a block's last one also those that lead on. Interpreted ones have none."""
    tail: range
    """Behind the blocks: entries and ways out."""


def parts_of(region: Region) -> RegionParts:
    """Cut a region up: blocks lie in the order of their addresses, and the last one ends with a branch."""
    marks = zip(region.positions, region.pcs, region.unspent, strict=True)
    begun = {pc: position for position, pc, unspent in marks if unspent}
    blocks = {pc: _start(region, place, begun.get(pc)) for pc, place in region.entries.items()}
    heads, firsts = ([(pc, kind, places[pc]) for pc in places] for kind, places in enumerate((blocks, begun)))
    pieces = sorted(heads + firsts)
    places = [place for *_, place in pieces]
    tail = _branch_from(region, places[-1]) + 1
    kinds: tuple[dict[int, range], dict[int, range]] = {}, {}
    for (pc, kind, place), end in zip(pieces, [*places[1:], tail], strict=True):
        kinds[kind][pc] = range(place, end)
    return RegionParts(*kinds, range(tail, len(region.words)))


def _start(region: Region, place: int, first: int | None) -> int:
    """Where a block starts that is entered at `place`: there, or where the entry behind the blocks leads.

    `first` is the place of its first instruction; one without any only leads to a way out, further behind.
    """
    at = _branch_from(region, place)
    target = at + _distance(region.words[at])
    is_there = place <= first if first is not None else target > place
    return place if is_there else target


def _branch_from(region: Region, place: int) -> int:
    """The first branch without a condition, from `place` on."""
    forms = _BRANCH, _JUMP
    return next(at for at in count(place) if any(region.words[at] & mask == bits for bits, mask in forms))


def _distance(word: int) -> int:
    return (word & 0x3FF_FFFF ^ 0x200_0000) - 0x200_0000
