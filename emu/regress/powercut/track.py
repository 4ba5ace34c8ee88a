"""The way of one run: states it has been in, and when it has used which part of the flash.

Another run that is in one of these states, but for some sectors of the flash, goes the same way until the
first of these sectors is used.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Set
from typing import NamedTuple

from emu.bus import GRANULE_BYTES
from emu.history.snapshot import Snapshot
from emu.memory_map import FLASH_BASE
from emu.regress.powercut.story import pages_of
from peripherals.framework.page_copies import Pages
from peripherals.nor_flash import SECTOR_SIZE, touched_sectors

_SECTORS_A_GRANULE = GRANULE_BYTES // SECTOR_SIZE
_FIRST_GRANULE = FLASH_BASE // GRANULE_BYTES


class Checkpoint(NamedTuple):
    """A state of a run."""

    state: bytes
    """Digest of all but the flash."""
    epoch: tuple[int, ...]
    """As long as it is the same, nobody outside the machine has noticed anything."""
    snapshot: Snapshot

    @property
    def pages(self) -> Pages:
        """Of the flash: one is a sector."""
        return pages_of(self.snapshot)


class Track:
    """Checkpoints of a run, and the uses of the flash in the stages before, between and behind them."""

    def __init__(self, run: int) -> None:
        self.run = run
        self.checkpoints: list[Checkpoint] = []
        self.commands = 0
        """How many reads, programs and erases it has made."""
        self.granules_read: set[int] = set()
        """By CPU and DMA, so far."""
        self._numbers: dict[int, int] = {}
        self._uses: defaultdict[int, list[int]] = defaultdict(list)  # sector -> stages, ascending
        self._mapped: dict[int, int] = {}  # granule -> the stage in which it was read first
        self._epochs: list[int] = []  # the stages in which they end

    def use(self, offset: int, size_bytes: int) -> None:
        """A command reads or changes this part of the flash."""
        stage = len(self.checkpoints)
        for sector in touched_sectors(offset, size_bytes):
            stages = self._uses[sector // SECTOR_SIZE]
            if not stages or stages[-1] != stage:
                stages.append(stage)

    def add(self, time_ns: int, checkpoint: Checkpoint) -> None:
        """The stage ends with this checkpoint, which was due at the flash command of that time."""
        stage = len(self.checkpoints)
        for granule in self.granules_read - self._mapped.keys():
            self._mapped[granule] = stage
        if stage and self.checkpoints[-1].epoch != checkpoint.epoch:
            self._epochs.append(stage)
        self._numbers[time_ns] = stage
        self.checkpoints.append(checkpoint)

    def number_at(self, time_ns: int) -> int | None:
        """The checkpoint that was due at the flash command of that time."""
        return self._numbers.get(time_ns)

    def reach(self, number: int, sectors: Set[int]) -> int:
        """The last checkpoint to which a run goes the same way that differs at this one in these sectors.

        What CPU or DMA have read of the flash once counts as used ever after.
        """
        end = len(self.checkpoints)
        for stages in (self._epochs, *(self._uses.get(sector, []) for sector in sectors)):
            following = bisect_right(stages, number)
            if following < len(stages):
                end = min(end, stages[following])
        for sector in sectors:
            mapped = self._mapped.get(_FIRST_GRANULE + sector // _SECTORS_A_GRANULE)
            if mapped is not None:
                end = min(end, max(mapped, number + 1))
        return end - 1


def differing_sectors(pages: Pages, others: Pages) -> Iterator[int]:
    """Numbers of the sectors in which two flashes differ."""
    for number, (page, its) in enumerate(zip(pages, others, strict=True)):
        if page is not its and page != its:
            yield number
