"""Where regions come from: the disk, or the translator."""

from __future__ import annotations

from emu.dbt.mode import Mode
from emu.dbt.region import Region
from emu.dbt.region_store import RegionStore
from emu.dbt.statistics import Statistics
from emu.dbt.store_notes import StoreNotes
from emu.dbt.translator import Translator


class RegionSource:
    """Gives regions, and keeps those that are new."""

    def __init__(
        self, translator: Translator, store: RegionStore | None, notes: StoreNotes, statistics: Statistics
    ) -> None:
        self._translator = translator
        self._store = store
        self._notes = notes
        self._statistics = statistics

    def region(self, pc: int, mode: Mode, breakpoints: frozenset[int], link: int) -> Region | None:
        """The region around `pc`, with these breakpoints in it; None if there is no code memory.

        `link` is what the link register holds.
        """
        store = None if mode.is_watching else self._store
        region = store.find(pc, mode, self._translator.bytes_at) if store else None
        if region and not region.holds_any(breakpoints) and region.guards(self._notes.frequent):
            self._statistics.regions_from_cache += 1
            return region
        region = self._translator.translate(pc, mode, breakpoints, link)
        if region is not None:
            self._statistics.regions_translated += 1
            if store and not region.holds_any(breakpoints):
                store.add(region, mode, self._translator.bytes_at)
        return region
