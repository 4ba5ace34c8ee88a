"""From a guest address to a `Region`: reads guest memory, discovers blocks, builds host code."""

from __future__ import annotations

from array import array
from collections.abc import Set

from emu.dbt.builder import Builder
from emu.dbt.charge import Charge, usual_cost
from emu.dbt.copied_blocks import copied_blocks
from emu.dbt.discovery import Decoded, discover
from emu.dbt.effects import Effects
from emu.dbt.emitter import Emitter
from emu.dbt.mode import Mode
from emu.dbt.region import Region
from emu.dbt.short_branches import skipped_blocks
from emu.dbt.store_notes import StoreNotes
from emu.dbt.templates import Templates
from emu.dbt.translation_options import TranslationOptions
from emu.engine.contract import MemoryRegion

_AS_USUAL = TranslationOptions()


class Translator:
    """Translates; remembers decodings and templates, but no guest code."""

    def __init__(
        self,
        regions: tuple[MemoryRegion, ...],
        options: TranslationOptions = _AS_USUAL,
        stores: StoreNotes | None = None,
    ) -> None:
        self._regions = regions
        usual = usual_cost(regions)
        self._charges = {memory: Charge(memory.cost, memory.cost - usual) for memory in regions}
        self._options = options
        self._decoded = Decoded()
        self._effects = Effects()
        self._templates: dict[Mode, Templates] = {}
        self._stores = stores or StoreNotes()

    def memory_at(self, address: int) -> MemoryRegion | None:
        """The plain memory that holds `address`."""
        for region in self._regions:
            if region.base <= address < region.base + len(region.buffer):
                return region
        return None

    def translate(self, entry: int, mode: Mode, breakpoints: frozenset[int], link: int = 0) -> Region | None:
        """Translate the region around `entry`; None if there is no code memory at `entry`.

        `link` is what the link register holds now: if that is behind a call, returns try it first.
        """
        memory = self.memory_at(entry)
        if memory is None:
            return None
        source = GuestCode(memory, self._stores.variable)
        blocks = discover(
            entry,
            self._decoded,
            source.halfword,
            breakpoints=breakpoints,
            most=self._options.most_instructions,
        )
        if not blocks:
            return None
        emitter = Emitter(source.literal, mode, self._stores.guarded)
        templates = self._templates.setdefault(mode, Templates())
        options, effects, charge = self._options, self._effects, self._charges[memory]
        is_seen = options.instruments or options.tells_code or charge.surplus
        skipped = {} if is_seen else skipped_blocks(blocks, entry, breakpoints, effects, source.literal)
        region = Region(entry, charge=charge)
        builder = Builder(region, blocks, skipped, emitter, effects, templates)
        caller = link if self._is_behind_call(link) else None
        copied = {} if is_seen else copied_blocks(blocks, breakpoints)
        builder.build(
            breakpoints, options.instruments, caller=caller, copied=copied, tells=options.tells_code
        )
        region.guest_ranges = _merge(region.guest_ranges + source.literals)
        region.guarded = array("I", sorted(self._stores.guarded.intersection(region.pcs)))
        return region

    def _is_behind_call(self, pc: int) -> bool:
        """Whether the instruction before `pc` is a call."""
        memory = self.memory_at(pc - 4)
        if memory is None:
            return False
        fetch = GuestCode(memory).halfword
        before = (self._decoded.at(pc - size_bytes, fetch) for size_bytes in (2, 4))
        return any(found and found.next_pc == pc and found.calls for found in before)

    def charge_at(self, address: int) -> Charge:
        """What an instruction at this address of plain memory is charged."""
        memory = self.memory_at(address)
        assert memory is not None
        return self._charges[memory]

    def bytes_at(self, address: int, size_bytes: int) -> bytes:
        """Bytes of plain memory; fewer where it ends."""
        memory = self.memory_at(address)
        return GuestCode(memory).bytes_at(address, size_bytes) if memory else b""


class GuestCode:
    """Reads one plain memory, and notes which literals were folded into the code."""

    def __init__(self, memory: MemoryRegion, variable: Set[int] = frozenset()) -> None:
        """`variable` are the addresses of words that are no literals."""
        self._base, self._buffer = memory.base, memory.buffer
        self._variable = variable
        self.literals: list[tuple[int, int]] = []

    def halfword(self, address: int) -> int | None:
        """The code halfword at `address`."""
        offset = address - self._base
        if 0 <= offset <= len(self._buffer) - 2:
            return self._buffer[offset] | self._buffer[offset + 1] << 8
        return None

    def literal(self, address: int) -> int | None:
        """The word of a literal pool."""
        offset = address - self._base
        if address in self._variable or not 0 <= offset <= len(self._buffer) - 4:
            return None
        self.literals.append((address, address + 4))
        return int.from_bytes(self._buffer[offset : offset + 4], "little")

    def bytes_at(self, address: int, size_bytes: int) -> bytes:
        """The guest's bytes."""
        offset = address - self._base
        return bytes(self._buffer[offset : offset + size_bytes])


def _merge(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
