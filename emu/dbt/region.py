"""`Region`: relocatable host code, and the bookkeeping that leads from a host address back to the guest."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from emu.dbt.charge import Charge


def _numbers() -> array[int]:
    return array("I")


@dataclass(eq=False)
class Region:
    """The host code of some guest blocks. Positions are word indices into `words`."""

    entry: int
    words: array[int] = field(default_factory=_numbers)
    exits: array[int] = field(default_factory=_numbers)
    """Words to become `b EXIT`."""
    links: list[tuple[int, int]] = field(default_factory=list)
    """(position, guest target): branches that lead to it once the target is translated."""
    entries: dict[int, int] = field(default_factory=dict)
    """Guest pc -> position, for entry from outside (C is 0 or 1 there)."""
    landings: array[int] = field(default_factory=_numbers)
    """Positions that computed jumps are likely to lead to: its own entry, and where calls return to."""
    positions: array[int] = field(default_factory=_numbers)
    """First word of each guest instruction, once for each copy, ascending; parallel to the next three."""
    pcs: array[int] = field(default_factory=_numbers)
    unspent: array[int] = field(default_factory=_numbers)
    """Instructions from this one to the block's end: charged already, not executed yet."""
    kinds: bytearray = field(default_factory=bytearray)
    """conditions.Kind before the instruction."""
    guest_ranges: list[tuple[int, int]] = field(default_factory=list)
    """(start, end) of the guest code and folded literals the region was made from."""
    tell_pcs: array[int] = field(default_factory=_numbers)
    """What is told once, with the next one: see `tells.Tell`; parallel to the next three."""
    tell_reasons: array[int] = field(default_factory=_numbers)
    tell_positions: array[int] = field(default_factory=_numbers)
    """The words that tell."""
    silent_words: array[int] = field(default_factory=_numbers)
    """What they become."""
    guarded: array[int] = field(default_factory=_numbers)
    """Instructions whose stores are guarded."""
    charge: Charge = field(default_factory=Charge)
    """Of each instruction."""

    def tells_at(self, pc: int) -> Sequence[tuple[int, int]]:
        """(reason, number) of those of its tells that tell something of `pc`."""
        return self._tells_by_pc.get(pc, ())

    @cached_property
    def _tells_by_pc(self) -> dict[int, list[tuple[int, int]]]:
        found: dict[int, list[tuple[int, int]]] = {}
        for number, (pc, reason) in enumerate(zip(self.tell_pcs, self.tell_reasons, strict=True)):
            found.setdefault(pc, []).append((reason, number))
        return found

    def holds_any(self, addresses: frozenset[int]) -> bool:
        """Whether the region was made from the guest code at one of the addresses."""
        return any(start <= address < end for address in addresses for start, end in self.guest_ranges)

    def guards(self, stores: set[int]) -> bool:
        """Whether those of the stores at these addresses that are in the region are guarded."""
        return stores.intersection(self.pcs) <= {*self.guarded}

    def pages(self, size_bytes: int) -> set[int]:
        """The pages of the guest that the region was made from, by number."""
        return {
            page
            for start, end in self.guest_ranges
            for page in range(start // size_bytes, (end - 1) // size_bytes + 1)
        }
