"""The translation cache on disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.guest import FLASH, Guest, Program

from emu.dbt.engine import TranslatorEngine
from emu.dbt.execution import StopReason
from emu.dbt.region_store import RegionStore

IDENTITY = b"image"


def guest_with(directory: Path, value: int) -> tuple[Guest, TranslatorEngine, RegionStore]:
    guest = Guest()
    store = RegionStore(directory, IDENTITY)
    engine = TranslatorEngine(guest.state, guest.bus, guest.events, store)
    program = Program(guest)
    program("movi16", rz=1, imm=value)
    program("lrw16", rz=2, offset=8)
    program("br16", offset=0)
    guest.put(FLASH + 8, (0x1234_5678).to_bytes(4, "little"))
    return guest, engine, store


def run(directory: Path, value: int = 7) -> tuple[Guest, TranslatorEngine]:
    guest, engine, store = guest_with(directory, value)
    engine.run(100)
    store.save()
    return guest, engine


def cache_file(directory: Path) -> Path:
    (file,) = directory.iterdir()
    return file


def test_a_second_run_translates_nothing(tmp_path: Path) -> None:
    first, engine = run(tmp_path)
    assert (engine.statistics.regions_translated, engine.statistics.regions_from_cache) == (1, 0)
    second, engine = run(tmp_path)
    assert (engine.statistics.regions_translated, engine.statistics.regions_from_cache) == (0, 1)
    assert second.state == first.state
    assert second.state.r[1:3] == [7, 0x1234_5678]


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
    assert (engine.statistics.regions_translated, guest.state.r[2]) == (1, 1)


@pytest.mark.parametrize("damage", [lambda data: data[:-3], lambda data: b"?" + data[1:], lambda data: b""])
def test_a_damaged_file_is_ignored_and_replaced(tmp_path: Path, damage: object) -> None:
    run(tmp_path)
    file = cache_file(tmp_path)
    file.write_bytes(damage(file.read_bytes()))  # type: ignore[operator]
    _, engine = run(tmp_path)
    assert engine.statistics.regions_translated == 1
    _, engine = run(tmp_path)
    assert engine.statistics.regions_translated == 0


def test_a_directory_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    guest, _ = run(tmp_path / "file" / "cache")
    assert guest.state.r[1] == 7


def test_nothing_is_written_when_nothing_is_new(tmp_path: Path) -> None:
    run(tmp_path)
    before = cache_file(tmp_path).stat().st_mtime_ns
    run(tmp_path)
    assert cache_file(tmp_path).stat().st_mtime_ns == before
