"""Placed host code: where each guest block lies, who links to whom, what a change of guest memory ends."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator

from emu.dbt import a64
from emu.dbt.code_pages import CodePages
from emu.dbt.count_detour import count_detour
from emu.dbt.detour import can_be_met, detour
from emu.dbt.exits import BEGAN
from emu.dbt.host import CODE_BASE, CODE_END, PAGE_BYTES, Host
from emu.dbt.jump_slots import ROOM_BYTES, JumpSlots
from emu.dbt.jump_table import JumpTable
from emu.dbt.mode import Mode
from emu.dbt.placed import GUEST_PAGE_BYTES, Blocks, GuestPosition, Placed, position_at
from emu.dbt.region import Region
from emu.dbt.regmap import BASE, NEXT_PC
from emu.dbt.store_guard import LONGEST_BYTES, is_guard
from emu.dbt.tells import REASON, Tell, Tells
from emu.engine.contract import DeviceMemory, MemoryRegion
from emu.engine.coverage import Known


class CodeCache:
    """The code area of a `Host` and the blocks in it."""

    def __init__(
        self,
        host: Host,
        memories: tuple[MemoryRegion, ...],
        device_memories: tuple[DeviceMemory, ...] = (),
    ) -> None:
        self._host = host
        self._table = JumpTable(host, memories)
        self.count_words = self._table.count_words
        self.pages = CodePages(host, memories)
        self._free = CODE_BASE
        self._slots = JumpSlots()
        self._modes: dict[Mode, Blocks] = {}
        self._blocks = Blocks()
        self._bases: list[int] = []
        self._placed: list[Placed] = []  # dropped ones too, until nothing can be running in them
        self._dropped: list[Placed] = []
        self._mode: Mode | None = None
        self._detoured: dict[int, int] = {}
        """Host address of an access in its detour -> where it was."""
        self.counting: dict[int, tuple[int, ...]] = {}
        """Those of them that are reads -> slots of the counts that are worked out in their detours."""
        self._tells = Tells()
        self.known_positions: dict[int, GuestPosition] = {}
        """Those asked for before: devices are accessed from few places."""
        for memory in filter(can_be_met, device_memories):
            host.map_device_memory(memory)

    def _select(self, mode: Mode) -> None:
        """Use the blocks of another CPU mode from now on."""
        for pc in self._blocks.hosts:
            self._table.set(pc, None)
        self._mode = mode
        self._blocks = self._modes.setdefault(mode, Blocks())
        for pc, host_address in self._blocks.hosts.items():
            self._table.set(pc, host_address)

    def find(self, pc: int, mode: Mode) -> int | None:
        """The host address of the block at guest `pc`; jump table and `place` go over to the mode, too."""
        if mode is not self._mode:
            self._select(mode)
        return self._blocks.hosts.get(pc)

    def place(self, region: Region) -> int:
        """Put a region's code in place, linked both ways; gives the host address of its entry.

        Not while translated code runs.
        """
        self._bury_dropped()
        base = self._reserve(4 * len(region.words), region.landings)
        blocks, placed = self._blocks, Placed(base, region)
        for pc, position in region.entries.items():
            if pc == region.entry or pc not in blocks.hosts:
                blocks.hosts[pc] = base + 4 * position
                self._table.set(pc, base + 4 * position)
                for address, word in blocks.sites.get(pc, {}).items():
                    self._patch(address, a64.retargeted(word, (blocks.hosts[pc] - address) // 4))
        words = placed.unlinked()
        for position, target in region.links:
            blocks.sites.setdefault(target, {})[base + 4 * position] = words[position]
            if target in blocks.hosts:
                words[position] = a64.retargeted(
                    words[position], (blocks.hosts[target] - base) // 4 - position
                )
        self._tells.place(region, words)
        self._host.write_code(base, words.tobytes())
        self._bases.append(base)
        self._placed.append(placed)
        for page in region.pages(GUEST_PAGE_BYTES):
            blocks.by_page.setdefault(page, {})[base] = placed
        self.pages.add(region.guest_ranges)
        if self._host.pages_read is not None:
            self._host.pages_read |= region.pages(PAGE_BYTES)
        return blocks.hosts[region.entry]

    def _bury_dropped(self) -> None:
        if self._dropped:
            self.known_positions.clear()
            self.pages.release()
        for placed in self._dropped:
            index = bisect_left(self._bases, placed.base)
            del self._bases[index], self._placed[index]
        self._dropped.clear()

    def _reserve(self, size_bytes: int, landings: Collection[int]) -> int:
        left, most_bytes = PAGE_BYTES - self._free % PAGE_BYTES, size_bytes + ROOM_BYTES
        if left < most_bytes <= PAGE_BYTES // 2:
            self._free += left  # branches inside one page are the cheap ones
        if self._free + most_bytes > CODE_END:
            self.clear()
        base = self._slots.place(self._free, landings)
        self._free = base + size_bytes + 15 & ~15
        return base

    def _patch(self, address: int, word: int) -> None:
        self._host.write_code(address, word.to_bytes(4, "little"))

    def silence(self, tell: Tell) -> None:
        """It has been told. Not while translated code runs; so is `renew`."""
        self._tells.silence(tell)
        for base, region, number in self._telling(tell):
            self._patch(base + 4 * region.tell_positions[number], region.silent_words[number])

    def renew(self, tell: Tell) -> None:
        """It is to be told again."""
        self._tells.renew(tell)
        for base, region, number in self._telling(tell):
            position = region.tell_positions[number]
            self._patch(base + 4 * position, region.words[position])

    def _telling(self, tell: Tell) -> Iterator[tuple[int, Region, int]]:
        """Where it is told: regions at their bases, and which of their tells it is."""
        page = tell.pc // GUEST_PAGE_BYTES
        for blocks in self._modes.values():
            for base, placed in blocks.by_page.get(page, {}).items():
                for reason, number in placed.region.tells_at(tell.pc):
                    if reason == tell.reason:
                        yield base, placed.region, number

    def tell_anew(self, known: Known, bytes_at: Callable[[int, int], bytes]) -> None:
        """All is to be told again, but what is known; see `Tells.know`."""
        self._tells.know(known, bytes_at)
        for placed in self._placed:
            if placed in self._dropped:
                continue
            words = placed.region.words[:]
            self._tells.place(placed.region, words)
            for position in placed.region.tell_positions:
                address = placed.base + 4 * position
                if self._host.code_word(address) != words[position]:
                    self._patch(address, words[position])

    def tell_of(self, pc: int) -> Tell | None:
        """What would be told first if control went to `pc` now: that its block begins; None: it was."""
        host_address = self._blocks.hosts.get(pc)
        located = None if host_address is None else self._locate(host_address)
        if host_address is None or located is None:
            return None
        region, at = located
        for reason, number in region.tells_at(pc):
            if reason & REASON == BEGAN:
                position = region.tell_positions[number]
                word = self._host.code_word(host_address + 4 * (position - at))
                return Tell(pc, reason) if word == region.words[position] else None
        return None

    def detour(self, host_address: int, met: DeviceMemory | int) -> None:
        """Let the access at `host_address` from now on go around the bus when it meets that again.

        `met` is memory, or the address of a count. Not while translated code runs.
        """
        slots = self.counting.get(host_address, ())
        if isinstance(met, DeviceMemory) and host_address in self._detoured and not slots:  # another's memory
            return
        located, position = self._locate(host_address), self.guest_position(host_address)
        assert located is not None
        assert position is not None
        region, at = located
        word, begin = region.words[at], self._free
        if a64.accessed(word)[0] == NEXT_PC:  # a guarded store: no scratch is left
            return
        back = (host_address + 4 - begin) // 4
        if isinstance(met, DeviceMemory):
            code = detour(word, met, back)
        else:
            slots += (self.count_words.slot(met),)
            code = count_detour(word, slots[-1], position.unspent_cost, back)
        end = begin + 4 * len(code)
        if end <= CODE_END:
            self._free = end + 15 & ~15
            self._detoured[end - 8] = self._detoured.get(host_address, host_address)
            if slots:
                self.counting[end - 8] = slots
            self._host.write_code(begin, array("I", code).tobytes())
            self._patch(host_address, a64.b((begin - host_address) // 4))

    def guest_position(self, host_address: int) -> GuestPosition | None:
        """What the host instruction at `host_address` belongs to."""
        known = self.known_positions.get(host_address)
        if known is None and (known := self._find_position(host_address)) is not None:
            self.known_positions[host_address] = known
        return known

    def _find_position(self, host_address: int) -> GuestPosition | None:
        located = self._locate(host_address)
        if located is None:
            return None
        region, word = located
        mark = bisect_right(region.positions, word) - 1
        if mark < 0 or word >= len(region.words):
            return None
        return position_at(region, mark)

    def position_of_end(self, host_address: int) -> GuestPosition:
        """What a brk in a dropped region stands for: the first of the instructions that begin there.

        (Some have no words.)
        """
        located = self._locate(host_address)
        assert located is not None
        region, word = located
        return position_at(region, bisect_left(region.positions, word))

    def accesses_until(self, host_address: int) -> list[int]:
        """The guest's loads and stores in one of its instructions, up to the one at `host_address`."""
        located = self._locate(host_address)
        assert located is not None
        region, word = located
        start = region.positions[bisect_right(region.positions, word) - 1]
        words = filter(a64.accesses_memory, region.words[start : word + 1])
        return [word for word in words if a64.accessed(word)[0] != BASE and not is_guard(word)]

    def can_count(self, host_address: int) -> bool:
        """Whether the read there can get a detour that works a count out."""
        word = self.accesses_until(host_address)[-1]
        return a64.size_of_access(word) == 4 and a64.accessed(word)[0] != NEXT_PC

    def _locate(self, host_address: int) -> tuple[Region, int] | None:
        """The region that begins last before a host address, and which of its words that is."""
        host_address = self._detoured.get(host_address, host_address)
        index = bisect_right(self._bases, host_address) - 1
        if index < 0:
            return None
        placed = self._placed[index]
        return placed.region, (host_address - placed.base) // 4

    def invalidate(self, start: int, size_bytes: int) -> bool:
        """Forget all translations made from guest bytes in the range, in every mode; tell if there were."""
        end, before = start + size_bytes, len(self._dropped)
        for mode, blocks in self._modes.items():
            pages = range(start // GUEST_PAGE_BYTES, (end - 1) // GUEST_PAGE_BYTES + 1)
            if len(pages) > len(blocks.by_page):
                hit = [found for page, found in blocks.by_page.items() if page in pages]
            else:
                hit = [blocks.by_page[page] for page in pages if page in blocks.by_page]
            for placed in {base: placed for found in hit for base, placed in found.items()}.values():
                if any(first < end and start < last for first, last in placed.region.guest_ranges):
                    self._drop(blocks, placed, active=mode == self._mode)
        return len(self._dropped) > before

    def watch(self, ranges: tuple[tuple[int, int], ...]) -> None:
        """Have stores to these bytes of RAM told, too, instead of those before. Not while anything runs."""
        before, self.pages.watched = self.pages.watched, ranges
        self.pages.remove(before, (each for one in before for each in self._ranges_around(*one)))
        self.pages.add(ranges)
        self.pages.release()

    def _drop(self, blocks: Blocks, placed: Placed, *, active: bool) -> None:
        """Cut a region off: let nothing lead into it, nor out of it to other code.

        A region A with `bl B` was linked, so its word is `b B`; `sites` has, under B's guest address, that
        word's place and what stood there before: a branch to A's own way out (LINK). When B is dropped, its
        entry in the jump table becomes 0 and the old word is put back: A leaves for the engine, which finds
        no B and translates anew. The site stays in `sites` for the next B to be linked to.
        """
        blocks.forget(placed)
        self._tells.drop(placed.region)
        for pc, position in placed.region.entries.items():
            if blocks.hosts.get(pc) != placed.base + 4 * position:
                continue
            del blocks.hosts[pc]
            if active:
                self._table.set(pc, None)
            for address, word in blocks.sites.get(pc, {}).items():
                self._patch(address, word)
        # It may be running: then it ends before its next instruction.
        self._host.write_code(placed.base, placed.ended().tobytes())
        self._dropped.append(placed)
        ranges = placed.region.guest_ranges
        self.pages.remove(ranges, (each for start, end in ranges for each in self._ranges_around(start, end)))

    def _ranges_around(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """What all code was made from that was made from bytes near a range."""
        first, last = start - LONGEST_BYTES, end + LONGEST_BYTES
        for page in range(first // GUEST_PAGE_BYTES, last // GUEST_PAGE_BYTES + 1):
            for blocks in self._modes.values():
                for placed in blocks.by_page.get(page, {}).values():
                    yield from placed.region.guest_ranges

    def clear(self) -> None:
        """Forget everything."""
        if self._free == CODE_BASE:
            return
        for pc in self._blocks.hosts:
            self._table.set(pc, None)
        self._host.flush_code()
        self._free = CODE_BASE
        self._slots = JumpSlots()
        self._bases.clear()
        self._placed.clear()
        self._dropped.clear()
        self._detoured.clear()
        self.counting.clear()
        self.known_positions.clear()
        self.pages.clear()
        self._modes = {}
        if self._mode is not None:
            self._blocks = self._modes[self._mode] = Blocks()
