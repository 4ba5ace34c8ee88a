"""The translation cache on disk."""

from __future__ import annotations

import errno
import hashlib
import marshal
import os
import pickle
import sys
import tempfile
from array import array
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.guest import FLASH, Guest, Program

from emu.dbt import region_store
from emu.dbt.engine import TranslatorEngine
from emu.dbt.mode import Mode
from emu.dbt.region_store import VARIANTS, RegionStore
from emu.engine.contract import StopReason

IDENTITY = b"image"
HEADER = 32
"""Bytes of a cache file before its records."""


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


def signed(payload: bytes) -> bytes:
    """A file of the right form and digest."""
    digest = hashlib.blake2b(payload, digest_size=16).digest()
    return b"w800emu-regions\n" + digest + payload


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-3],
        lambda data: b"?" + data[1:],
        lambda data: b"",
        lambda data: pickle.dumps({"is": ["another", "program's"]}),
        lambda data: signed(marshal.dumps({(FLASH, True, False, True): [(b"", [], b"")]})),
        lambda data: signed(data[HEADER:-4]),
        lambda data: signed(data[HEADER:] + b"\1\0\0\0"),
        lambda data: signed(bytes(400)),
        lambda data: signed(b"\xff" * 400),
    ],
)
def test_a_damaged_or_foreign_file_is_ignored_and_replaced(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    run(tmp_path)
    file = cache_file(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    _, engine = run(tmp_path)
    assert engine.statistics.regions_translated == 1
    _, engine = run(tmp_path)
    assert engine.statistics.regions_translated == 0


def test_any_number_of_a_record_may_be_wrong_without_an_error(tmp_path: Path) -> None:
    """What its host code would do is another question: the folder has to be the user's own."""
    run(tmp_path)
    file = cache_file(tmp_path)
    numbers = array("I", file.read_bytes()[HEADER:])
    guest, engine, _ = guest_with(tmp_path / "elsewhere", 7)
    engine._cache.select(Mode.of(guest.state))
    for place in range(len(numbers)):
        for wrong in (0, numbers[place] + 1 & 0xFFFF_FFFF, 0xFFFF_FFFF):
            changed = numbers[:]
            changed[place] = wrong
            file.write_bytes(signed(changed.tobytes()))
            store = RegionStore(tmp_path, IDENTITY)
            region = store.find(FLASH, Mode.of(guest.state), engine._translator.bytes_at)
            if region is not None:
                assert engine._cache.place(region)
                engine._cache.invalidate(FLASH, 0x1000)


def put_a_folder(path: Path) -> None:
    (path / "with something in it").mkdir(parents=True)


def put_a_loop(path: Path) -> None:
    path.symlink_to(path)


def put_a_pipe(path: Path) -> None:
    os.mkfifo(path)


def put_a_link_to_zeros(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.skipif(sys.platform == "win32", reason="has other things that can be in the way")
@pytest.mark.parametrize("put", [put_a_folder, put_a_loop, put_a_pipe, put_a_link_to_zeros])
def test_something_that_is_no_file_is_not_read(tmp_path: Path, put: Callable[[Path], None]) -> None:
    run(tmp_path)
    file = cache_file(tmp_path)
    file.unlink()
    put(file)
    for _ in range(2):
        guest, engine = run(tmp_path)
        assert guest.state.r[1] == 7
    assert engine.statistics.regions_translated == (1 if put is put_a_folder else 0)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_is_replaced_and_not_what_it_leads_to(tmp_path: Path) -> None:
    run(tmp_path / "cache")
    file = cache_file(tmp_path / "cache")
    file.unlink()
    letter = tmp_path / "letter"
    letter.write_text("Dear Ada")
    file.symlink_to(letter)
    run(tmp_path / "cache")
    assert letter.read_text() == "Dear Ada"
    assert not file.is_symlink()


@pytest.mark.parametrize("failing", ["mkstemp", "fdopen", "replace"])
def test_a_full_or_read_only_disk_is_no_error(
    tmp_path: Path, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    owner = {"mkstemp": tempfile, "fdopen": os, "replace": Path}[failing]
    monkeypatch.setattr(owner, failing, fail)
    guest, _ = run(tmp_path)
    monkeypatch.undo()
    assert guest.state.r[1] == 7
    assert not list(tmp_path.iterdir())


def test_the_files_that_were_not_used_for_longest_go_when_the_folder_becomes_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path)
    own = cache_file(tmp_path)
    now_s, size_bytes = own.stat().st_mtime, own.stat().st_size
    monkeypatch.setattr(region_store, "FOLDER_BYTES", 3 * size_bytes)
    others = [tmp_path / f"{number:032x}.regions" for number in range(5)]
    foreign = tmp_path / "notes.txt"
    for age_s, path in enumerate([*others, foreign, own]):
        path.write_bytes(bytes(size_bytes))
        os.utime(path, (now_s - 100 - age_s,) * 2)
    run(tmp_path)
    assert set(tmp_path.iterdir()) == {own, foreign, *others[:2]}


def test_a_file_that_is_read_counts_as_used(tmp_path: Path) -> None:
    run(tmp_path)
    os.utime(cache_file(tmp_path), (1, 1))
    run(tmp_path)
    assert cache_file(tmp_path).stat().st_mtime > 1


def test_what_a_run_that_died_has_left_is_removed_and_that_of_one_that_lives_is_not(tmp_path: Path) -> None:
    old, new = tmp_path / ".regions-old", tmp_path / ".regions-new"
    for path in (old, new):
        path.write_bytes(b"the beginning")
    os.utime(old, (1, 1))
    run(tmp_path)
    assert not old.exists()
    assert new.exists()


def test_code_that_changes_without_end_does_not_fill_the_file(tmp_path: Path) -> None:
    sizes = []
    for value in range(3 * VARIANTS):
        run(tmp_path, value)
        sizes.append(cache_file(tmp_path).stat().st_size)
    assert set(sizes[VARIANTS - 1 :]) == {max(sizes)}
    _, engine = run(tmp_path, 3 * VARIANTS - 1)
    assert engine.statistics.regions_translated == 0


def test_of_the_regions_of_a_file_that_becomes_too_large_the_oldest_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest, engine, store = guest_with(tmp_path, 7)
    mode = Mode.of(guest.state)
    region = engine._translator.translate(FLASH, mode, frozenset())
    assert region is not None
    monkeypatch.setattr(region_store, "FILE_BYTES", 2000)
    for pc in range(FLASH, FLASH + 200, 2):
        store.add(replace(region, entry=pc, entries={pc: 0}), mode, engine._translator.bytes_at)
    store.save()
    assert 1000 < cache_file(tmp_path).stat().st_size < 2100
    assert store.find(FLASH, mode, engine._translator.bytes_at) is None
    assert store.find(FLASH + 198, mode, engine._translator.bytes_at) is not None


def test_a_directory_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    guest, _ = run(tmp_path / "file" / "cache")
    assert guest.state.r[1] == 7


def test_nothing_is_written_when_nothing_is_new(tmp_path: Path) -> None:
    run(tmp_path)
    before = cache_file(tmp_path).stat().st_ino
    run(tmp_path)
    assert cache_file(tmp_path).stat().st_ino == before
