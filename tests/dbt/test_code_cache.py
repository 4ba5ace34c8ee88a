"""What is kept of translated code when guest memory changes again and again."""

from __future__ import annotations

import pytest
from support.guest import DEVICE, FLASH, FLASH_BYTES, Guest, Program

from emu.dbt import code_cache, discovery
from emu.dbt.code_cache import CodeCache
from emu.dbt.discovery import Decoded
from emu.dbt.engine import TranslatorEngine
from emu.dbt.host import CODE_END, PAGE_BYTES

COUNT, BASE = 1, 2
FAR = FLASH + 0x4000


def engine_of(guest: Guest) -> TranslatorEngine:
    assert isinstance(guest.engine, TranslatorEngine)
    return guest.engine


def two_calling_each_other(guest: Guest, value: int = 1) -> None:
    """Two functions, each a region of its own with a jump to the other, for ever; `value` is added each time."""
    first = Program(guest)
    first("addi16", rz=COUNT, oimm=value)
    first("bsr32", offset=first.to(FAR))
    Program(guest, FAR)("bsr32", offset=FLASH - FAR)


def sizes(cache: CodeCache) -> tuple[int, ...]:
    """How many regions, entries, jumps, and pages are known."""
    modes = cache._modes.values()
    return (
        len(cache._placed),
        len(cache._bases),
        sum(len(blocks.hosts) for blocks in modes),
        sum(len(sites) for blocks in modes for sites in blocks.sites.values()),
        sum(len(found) for blocks in modes for found in blocks.by_page.values()),
    )


def test_an_update_leaves_nothing_of_the_code_before_behind() -> None:
    guest = Guest()
    engine = engine_of(guest)
    seen = set()
    for number in range(20):
        two_calling_each_other(guest, value=1 + number % 2)
        engine.invalidate(FLASH, FLASH_BYTES)
        engine.run(100)
        engine.settle()
        seen.add(sizes(engine._cache))
    assert len(seen) == 1
    assert seen.pop()[0] == 2


def test_half_an_update_leaves_the_other_half_linked_as_before() -> None:
    guest = Guest()
    engine = engine_of(guest)
    two_calling_each_other(guest)
    engine.run(100)
    engine.settle()
    before = sizes(engine._cache)
    for _ in range(20):
        engine.invalidate(FAR, 2)
        entries = engine.statistics.host_runs
        engine.run(1000)
        engine.settle()
        assert sizes(engine._cache) == before
        assert engine.statistics.host_runs - entries <= 3


def test_breakpoints_set_and_removed_leave_nothing_behind() -> None:
    guest = Guest()
    engine = engine_of(guest)
    two_calling_each_other(guest)
    seen = set()
    for _ in range(20):
        engine.set_breakpoints(frozenset({FAR}))
        engine.run(100)
        engine.settle()
        engine.set_breakpoints(frozenset())
        engine.run(100)
        engine.settle()
        seen.add(sizes(engine._cache))
    assert len(seen) == 1


def test_when_the_code_area_is_full_it_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_cache, "CODE_BASE", CODE_END - 2 * PAGE_BYTES)
    guest = Guest()
    engine = engine_of(guest)
    most = 0
    for number in range(300):
        two_calling_each_other(guest, value=1 + number % 2)
        engine.invalidate(FLASH, FLASH_BYTES)
        guest.state.r[COUNT] = 0
        before = engine.executed
        engine.run(300)
        engine.settle()
        assert guest.state.r[COUNT] == (engine.executed - before) // 3 * (1 + number % 2)
        most = max(most, *sizes(engine._cache))
    assert engine.statistics.regions_translated >= 600
    assert most < 20


def test_code_that_a_device_changes_runs_as_it_is_from_the_next_call_on() -> None:
    """What runs is dropped with what it is linked to, and must not go on there."""
    guest = Guest()
    engine = engine_of(guest)
    function = Program(guest, FAR)
    function("addi16", rz=COUNT, oimm=1)
    function("rts")
    program = Program(guest)
    loop = program("bsr32", offset=program.to(FAR))
    program("st.w", rz=COUNT, rx=BASE, offset=0)
    program("br32", offset=program.to(loop))
    guest.state.r[BASE] = DEVICE
    engine.run(100)
    engine.settle()
    assert guest.state.r[COUNT] > 10

    def change(_offset: int, _value: int) -> None:
        Program(guest, FAR)("movi16", rz=COUNT, imm=0)
        engine.invalidate(FLASH, FLASH_BYTES)

    guest.bus.on_write = change
    engine.run(100)
    engine.settle()
    assert guest.state.r[COUNT] == 0


def test_of_the_instructions_ever_met_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "REMEMBERED", 10)
    decoded = Decoded()
    for number in range(100):
        item = decoded.at(FLASH, lambda address, word=0x2000 + number: word)  # type: ignore[misc]
        assert item is not None
        assert item.word == 0x2000 + number
        assert len(decoded._known) <= 10
