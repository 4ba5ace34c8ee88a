"""Placed host code: where each guest block lies, who links to whom, what a change of guest memory ends."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from emu.dbt import a64
from emu.dbt.builder import IN_JUMP, TABLE_OFFSET
from emu.dbt.charge import Charge
from emu.dbt.conditions import Kind
from emu.dbt.execution import MemoryRegion
from emu.dbt.host import CODE_BASE, EXIT, PAGE_BYTES, Host
from emu.dbt.mode import Mode
from emu.dbt.region import Region

GUEST_PAGE_BYTES = 1024
"""Granularity of the index that invalidation uses."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A region at its host address."""

    base: int
    region: Region


@dataclass(frozen=True, slots=True)
class GuestPosition:
    """What a host address inside translated code stands for."""

    pc: int | None
    """None behind the last instruction of a block that jumps: the guest pc is in X27 then."""
    unspent: int
    kind: Kind
    charge: Charge


@dataclass(slots=True)
class _Blocks:
    """The blocks translated for one CPU mode. A site is (host address, original word)."""

    hosts: dict[int, int] = field(default_factory=dict)
    waiting: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    linked: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    by_page: dict[int, list[Placed]] = field(default_factory=dict)


class JumpTable:
    """The table behind EXIT: for each guest halfword the distance of its host code from EXIT, 0 if none."""

    def __init__(self, host: Host, memories: tuple[MemoryRegion, ...]) -> None:
        pages: set[int] = {0}
        for memory in memories:
            first = TABLE_OFFSET + memory.base * 2
            pages.update(range(first // PAGE_BYTES, (first + len(memory.buffer) * 2) // PAGE_BYTES + 1))
        self._pieces: list[tuple[int, memoryview]] = []
        for first_page, count in _runs(sorted(pages)):
            buffer = host.map_table(EXIT + first_page * PAGE_BYTES, count * PAGE_BYTES)
            if first_page == 0:
                buffer[:4] = a64.brk().to_bytes(4, "little")
            self._pieces.append((first_page * PAGE_BYTES - TABLE_OFFSET, memoryview(buffer).cast("i")))

    def set(self, pc: int, host_address: int | None) -> None:
        """Point the entry of guest `pc` to host code, or to nothing."""
        offset = pc * 2
        for base, words in self._pieces:
            if base <= offset < base + 4 * len(words):
                words[(offset - base) // 4] = 0 if host_address is None else host_address - EXIT


class CodeCache:
    """The code area of a `Host` and the blocks in it."""

    def __init__(self, host: Host, memories: tuple[MemoryRegion, ...]) -> None:
        self._host = host
        self._table = JumpTable(host, memories)
        self._free = CODE_BASE
        self._modes: dict[Mode, _Blocks] = {}
        self._blocks = _Blocks()
        self._bases: list[int] = []
        self._placed: list[Placed] = []
        self._mode: Mode | None = None

    def select(self, mode: Mode) -> None:
        """Use the blocks of another CPU mode from now on."""
        if mode == self._mode:
            return
        for pc in self._blocks.hosts:
            self._table.set(pc, None)
        self._mode = mode
        self._blocks = self._modes.setdefault(mode, _Blocks())
        for pc, host_address in self._blocks.hosts.items():
            self._table.set(pc, host_address)

    def find(self, pc: int) -> int | None:
        """The host address of the block at guest `pc`."""
        return self._blocks.hosts.get(pc)

    def place(self, region: Region) -> int:
        """Put a region's code in place, linked both ways; gives the host address of its entry."""
        words = region.words[:]
        base = self._reserve(4 * len(words))
        blocks = self._blocks
        for position in region.exits:
            words[position] = a64.b((EXIT - base) // 4 - position)
        for pc, position in region.entries.items():
            if pc == region.entry or pc not in blocks.hosts:
                blocks.hosts[pc] = base + 4 * position
                self._table.set(pc, base + 4 * position)
        for position, target in region.links:
            site = base + 4 * position, words[position]
            known = blocks.hosts.get(target)
            if known is None:
                blocks.waiting.setdefault(target, []).append(site)
            else:
                words[position] = a64.b((known - base) // 4 - position)
                blocks.linked.setdefault(target, []).append(site)
        self._host.write_code(base, words.tobytes())
        placed = Placed(base, region)
        self._bases.append(base)
        self._placed.append(placed)
        for start, end in region.guest_ranges:
            for page in range(start // GUEST_PAGE_BYTES, (end - 1) // GUEST_PAGE_BYTES + 1):
                blocks.by_page.setdefault(page, []).append(placed)
        for pc in region.entries:
            self._link(pc)
        return blocks.hosts[region.entry]

    def _reserve(self, size_bytes: int) -> int:
        left = PAGE_BYTES - self._free % PAGE_BYTES
        if left < size_bytes <= PAGE_BYTES // 2:
            self._free += left  # branches inside one page are the cheap ones
        base = self._free
        if base + size_bytes > EXIT:
            self.clear()
            base = self._free
        self._free = base + size_bytes + 15 & ~15
        return base

    def _link(self, pc: int) -> None:
        blocks = self._blocks
        sites = blocks.waiting.pop(pc, None)
        if sites is None:
            return
        known = blocks.hosts[pc]
        for address, _ in sites:
            self._patch(address, a64.b((known - address) // 4))
        blocks.linked.setdefault(pc, []).extend(sites)

    def _patch(self, address: int, word: int) -> None:
        self._host.write_code(address, word.to_bytes(4, "little"))

    def guest_position(self, host_address: int) -> GuestPosition | None:
        """What the host instruction at `host_address` belongs to."""
        index = bisect_right(self._bases, host_address) - 1
        if index < 0:
            return None
        base, region = self._placed[index].base, self._placed[index].region
        mark = bisect_right(region.positions, (host_address - base) // 4) - 1
        if mark < 0 or host_address >= base + 4 * len(region.words):
            return None
        pc = region.pcs[mark]
        kind = Kind(region.kinds[mark])
        return GuestPosition(None if pc == IN_JUMP else pc, region.unspent[mark], kind, region.charge)

    def accesses_until(self, host_address: int) -> list[int]:
        """The loads and stores of one guest instruction up to the one at `host_address`."""
        placed = self._placed[bisect_right(self._bases, host_address) - 1]
        offset, region = (host_address - placed.base) // 4, placed.region
        start = region.positions[bisect_right(region.positions, offset) - 1]
        return [word for word in region.words[start : offset + 1] if a64.accesses_memory(word)]

    def invalidate(self, start: int, size_bytes: int) -> None:
        """Forget all translations made from guest bytes in the range, in every mode."""
        end = start + size_bytes
        for mode, blocks in self._modes.items():
            pages = range(start // GUEST_PAGE_BYTES, (end - 1) // GUEST_PAGE_BYTES + 1)
            if len(pages) > len(blocks.by_page):
                hit = [placed for page in blocks.by_page if page in pages for placed in blocks.by_page[page]]
            else:
                hit = [placed for page in pages for placed in blocks.by_page.get(page, ())]
            for placed in {id(placed): placed for placed in hit}.values():
                if any(first < end and start < last for first, last in placed.region.guest_ranges):
                    self._drop(blocks, placed, active=mode == self._mode)

    def _drop(self, blocks: _Blocks, placed: Placed, *, active: bool) -> None:
        for first, last in placed.region.guest_ranges:
            for page in range(first // GUEST_PAGE_BYTES, (last - 1) // GUEST_PAGE_BYTES + 1):
                if placed in blocks.by_page.get(page, ()):
                    blocks.by_page[page].remove(placed)
        for pc, position in placed.region.entries.items():
            if blocks.hosts.get(pc) != placed.base + 4 * position:
                continue
            del blocks.hosts[pc]
            if active:
                self._table.set(pc, None)
            sites = blocks.linked.pop(pc, [])
            for address, word in sites:
                self._patch(address, word)
            if sites:
                blocks.waiting.setdefault(pc, []).extend(sites)

    def clear(self) -> None:
        """Forget everything."""
        for pc in self._blocks.hosts:
            self._table.set(pc, None)
        self._host.flush_code()
        self._free = CODE_BASE
        self._bases.clear()
        self._placed.clear()
        self._modes = {}
        if self._mode is not None:
            self._blocks = self._modes[self._mode] = _Blocks()


def _runs(pages: list[int]) -> list[tuple[int, int]]:
    """(first, count) of the runs of consecutive numbers."""
    runs: list[tuple[int, int]] = []
    for page in pages:
        if runs and page == sum(runs[-1]):
            runs[-1] = runs[-1][0], runs[-1][1] + 1
        else:
            runs.append((page, 1))
    return runs
