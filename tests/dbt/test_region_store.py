"""The translation cache on disk."""

from __future__ import annotations

import sys
from array import array
from dataclasses import replace
from pathlib import Path

import pytest
from dbt.cached_guest import IDENTITY, cache_file, guest_with, opened, run, translated
from support.guest import FLASH, SRAM, Program

from emu.cache.digests import DIGEST_BYTES
from emu.dbt import region_store
from emu.dbt.code_stores import MOST_TOLD
from emu.dbt.mode import Mode
from emu.dbt.region_record import stored
from emu.dbt.region_store import VARIANTS, RegionStore
from emu.dbt.translation_options import TranslationOptions
from emu.engine.contract import StopReason


def test_a_second_run_translates_nothing(tmp_path: Path) -> None:
    first, engine = run(tmp_path)
    assert (engine.statistics.regions_translated, engine.statistics.regions_from_cache) == (1, 0)
    second, engine = run(tmp_path)
    assert (engine.statistics.regions_translated, engine.statistics.regions_from_cache) == (0, 1)
    assert second.state == first.state
    assert second.state.r[1:3] == [7, 0x1234_5678]


def test_engines_that_share_a_store_share_what_they_have_translated(tmp_path: Path) -> None:
    first, _, store = guest_with(tmp_path, 7)
    first.run(100)
    assert not list(tmp_path.iterdir())
    for value, counts in ((7, (0, 1)), (9, (1, 0)), (7, (0, 1))):
        guest, engine, _ = guest_with(tmp_path, value, store)
        guest.run(100)
        assert (engine.statistics.regions_translated, engine.statistics.regions_from_cache) == counts
        assert guest.state.r[1] == value


def test_a_store_saves_what_was_made_with_other_options_by_way_of_further_ones(tmp_path: Path) -> None:
    options = TranslationOptions(notes_flow=True), TranslationOptions(tells_code=True)
    store = RegionStore(tmp_path, IDENTITY)
    further = store.sibling(options[0]).sibling(options[1])
    assert further.sibling(TranslationOptions()) is store
    guest, _, _ = guest_with(tmp_path, 7, further)
    guest.run(100)
    store.save()
    _, engine, _ = guest_with(tmp_path, 7, RegionStore(tmp_path, IDENTITY, options[1]))
    engine.run(100)
    assert (engine.statistics.regions_translated, engine.statistics.regions_from_cache) == (0, 1)


def test_engines_that_share_a_store_count_stores_beside_code_together(tmp_path: Path) -> None:
    """Each is too short to tell so often."""
    notes = []
    for count in (MOST_TOLD, MOST_TOLD // 2):
        store = RegionStore(tmp_path, IDENTITY)
        for _ in range(2):
            guest, _, _ = guest_with(tmp_path, 7, store)
            program = Program(guest, SRAM)
            guest.state.pc, guest.state.r[2], guest.state.r[3] = SRAM, SRAM + 0x100, count
            loop = program("st.w", rz=1, rx=2, offset=0)
            program("bnezad", rx=3, offset=program.to(loop))
            program("br16", offset=0)
            guest.run(1000)
        notes.append(store.notes.frequent)
    assert notes == [{SRAM}, {SRAM}]


def test_other_guest_code_is_translated_anew_and_kept_beside(tmp_path: Path) -> None:
    run(tmp_path, 7)
    guest, engine = run(tmp_path, 9)
    assert (engine.statistics.regions_translated, guest.state.r[1]) == (1, 9)
    guest, engine = run(tmp_path, 7)
    assert (engine.statistics.regions_translated, guest.state.r[1]) == (0, 7)


@pytest.mark.parametrize("address", [FLASH + 2, FLASH + 0x100])
def test_breakpoints_are_seen_and_not_kept(tmp_path: Path, address: int) -> None:
    """Regions without one are kept all the same: a real bootloader always runs with one in the mask ROM."""
    for _ in range(2):
        guest, engine, store = guest_with(tmp_path, 7)
        engine.set_breakpoints(frozenset({address}))
        is_hit = engine.run(100).reason is StopReason.BREAKPOINT
        assert is_hit == (address == FLASH + 2)
        store.save()
    _, engine = run(tmp_path)
    assert engine.statistics.regions_from_cache == (0 if is_hit else 1)
    guest, engine, _ = guest_with(tmp_path, 7)
    engine.set_breakpoints(frozenset({FLASH + 2}))
    assert engine.run(100).reason is StopReason.BREAKPOINT
    assert guest.state.pc == FLASH + 2


def test_a_changed_literal_is_other_guest_code(tmp_path: Path) -> None:
    run(tmp_path)
    guest, engine, _ = guest_with(tmp_path, 7)
    guest.put(FLASH + 8, b"\1\0\0\0")
    engine.run(100)
    engine.settle()
    assert (engine.statistics.regions_translated, guest.state.r[2]) == (1, 1)


@pytest.mark.parametrize("record", [b"", b"text", bytes(400), b"\xff" * 400, "text", None, 7])
def test_a_record_that_is_none_is_translated_anew(tmp_path: Path, record: object) -> None:
    run(tmp_path)
    with opened(tmp_path) as database:
        database.execute("UPDATE regions SET record = ?", (record,))
    assert translated(tmp_path) == 1
    assert translated(tmp_path) == 0


def test_a_record_in_the_place_of_another_is_not_taken(tmp_path: Path) -> None:
    run(tmp_path)
    with opened(tmp_path) as database:
        database.execute("UPDATE regions SET mode = mode + 1")
        database.execute("INSERT INTO regions SELECT image, entry, mode - 1, record FROM regions")
        database.execute("UPDATE regions SET entry = entry + 2 WHERE rowid = 1")
    guest, engine, store = guest_with(tmp_path, 7)
    mode = Mode.of(guest.state)
    assert store.find(FLASH, mode, engine._translator.bytes_at) is not None
    assert (
        store.find(FLASH + 2, replace(mode, supervisor=not mode.supervisor), engine._translator.bytes_at)
        is None
    )


def test_any_number_of_a_record_may_be_wrong_without_an_error(tmp_path: Path) -> None:
    """What its host code would do is another question: the folder has to be the user's own."""
    run(tmp_path)
    with opened(tmp_path) as database:
        [(record,)] = database.execute("SELECT record FROM regions")
    numbers = array("I", record[DIGEST_BYTES:])
    guest, engine, store = guest_with(tmp_path, 7)
    mode = Mode.of(guest.state)
    engine._cache.find(0, mode)
    for place in range(len(numbers)):
        for wrong in (0, numbers[place] + 1 & 0xFFFF_FFFF, 0xFFFF_FFFF):
            changed = numbers[:]
            changed[place] = wrong
            store._records = {key: [region_store._Kept(stored(changed))] for key in store._records}
            region = store.find(FLASH, mode, engine._translator.bytes_at)
            if region is not None:
                assert engine._cache.place(region)
                engine._cache.invalidate(FLASH, 0x1000)


def test_a_python_without_sqlite_translates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "emu.cache.database", None)
    assert translated(tmp_path) == 1
    assert not list(tmp_path.iterdir())


def test_code_that_changes_without_end_does_not_fill_the_file(tmp_path: Path) -> None:
    sizes = []
    for value in range(3 * VARIANTS):
        run(tmp_path, value)
        sizes.append(cache_file(tmp_path).stat().st_size)
    assert set(sizes[VARIANTS:]) == {sizes[-1]}
    assert translated(tmp_path, 3 * VARIANTS - 1) == 0
    assert translated(tmp_path, 0) == 1


def test_of_the_regions_of_an_image_that_becomes_too_large_the_oldest_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest, engine, store = guest_with(tmp_path, 7)
    mode, bytes_at = Mode.of(guest.state), engine._translator.bytes_at
    region = engine._translator.translate(FLASH, mode, frozenset())
    assert region is not None
    monkeypatch.setattr(region_store, "IMAGE_BYTES", 2000)
    for pc in range(FLASH, FLASH + 200, 2):
        store.add(replace(region, entry=pc, entries={pc: 0}), mode, bytes_at)
        if pc % 64 == 0:
            store.save()
    store.save()
    with opened(tmp_path) as database:
        [(stored_bytes,)] = database.execute("SELECT sum(length(record)) FROM regions")
    assert 1000 < stored_bytes <= 2000
    assert store.find(FLASH, mode, bytes_at) is None
    assert store.find(FLASH + 198, mode, bytes_at) is not None


def test_only_what_is_new_is_written(tmp_path: Path) -> None:
    run(tmp_path, 7)
    with opened(tmp_path) as database:
        [(before,)] = database.execute("SELECT max(rowid) FROM regions")
    guest, engine, store = guest_with(tmp_path, 7)
    guest.state.pc = FLASH + 2
    engine.run(100)
    engine.settle()
    store.save()
    with opened(tmp_path) as database:
        rows = database.execute("SELECT rowid, entry FROM regions").fetchall()
    assert rows == [(before, FLASH), (before + 1, FLASH + 2)]
