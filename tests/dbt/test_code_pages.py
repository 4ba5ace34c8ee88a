"""Stores into pages with translated code: what they touch is translated anew, what they do not touch stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.guest import DEVICE, FLASH, SRAM, Guest, Program

from emu.dbt.code_stores import MOST_TOLD
from emu.dbt.engine import TranslatorEngine
from emu.dbt.host import PAGE_BYTES
from emu.engine.contract import Access, StopReason, WatchedRange
from emu.isa.assembler import assemble

RESULT, VALUE, POINTER, COUNT = 0, 1, 2, 3
FUNCTION = SRAM + PAGE_BYTES  # begins a page
DATA = FUNCTION + 0x100  # of the same page
OLD, NEW = (assemble("movi16", rz=RESULT, imm=number) for number in (1, 2))

GUARDED = pytest.mark.parametrize("is_guarded", [False, True], ids=["told", "guarded"])
FROM = pytest.mark.parametrize("start", [FLASH, SRAM], ids=["from flash", "from RAM"])


def engine_of(guest: Guest) -> TranslatorEngine:
    assert isinstance(guest.engine, TranslatorEngine)
    return guest.engine


def guest_with_function() -> Guest:
    """A function that has been translated; it gives 1."""
    guest = Guest()
    guest.put(FUNCTION, OLD, assemble("br16", offset=0))
    assert result(guest) == 1
    return guest


def result(guest: Guest, entry: int = FUNCTION) -> int:
    """What the function gives."""
    guest.state.pc = entry
    guest.run(2)
    return guest.state.r[RESULT]


def store(
    guest: Guest, start: int, name: str, address: int, value: bytes, *, is_guarded: bool, times: int = 1
) -> None:
    """Execute a store of a program at `start`, so many times."""
    program = Program(guest, start)
    at = program(name, rz=VALUE, rx=POINTER, offset=0)
    program("br16", offset=program.to(at))
    if is_guarded:
        engine_of(guest)._store_notes.guarded.add(at)
    guest.state.r[VALUE], guest.state.r[POINTER] = int.from_bytes(value, "little"), address
    guest.state.pc = at
    guest.run(2 * times)


@FROM
@GUARDED
def test_a_function_that_was_changed_is_what_it_was_changed_to(start: int, is_guarded: bool) -> None:
    guest = guest_with_function()
    store(guest, start, "st.h", FUNCTION, NEW, is_guarded=is_guarded)
    assert result(guest) == 2


@GUARDED
@pytest.mark.parametrize("before", [1, 2, 3])
def test_a_store_reaches_into_code_from_the_page_before(before: int, is_guarded: bool) -> None:
    guest = guest_with_function()
    value = bytes(before) + NEW[: 4 - before] if before > 2 else bytes(before) + NEW
    store(guest, SRAM, "st.w", FUNCTION - before, value[:4], is_guarded=is_guarded)
    assert guest.bus.sram.buffer[PAGE_BYTES] == NEW[0]
    assert result(guest) == 2


def test_bytes_of_two_translations_are_looked_after_when_one_has_gone() -> None:
    guest = Guest()
    guest.put(FUNCTION, OLD, OLD, assemble("br16", offset=0))
    assert result(guest) == result(guest, FUNCTION + 2) == 1
    store(guest, SRAM, "st.h", FUNCTION, NEW, is_guarded=False)
    assert result(guest, FUNCTION + 2) == 1
    store(guest, SRAM, "st.h", FUNCTION + 2, NEW, is_guarded=False)
    assert result(guest, FUNCTION + 2) == 2


def test_what_an_interpreted_instruction_stores_counts() -> None:
    guest = guest_with_function()
    program = Program(guest)
    guest.state.pc = program("st.h", rz=VALUE, rx=POINTER, offset=0)
    guest.state.r[VALUE], guest.state.r[POINTER] = int.from_bytes(NEW, "little"), FUNCTION
    assert guest.engine.step(1).reason is StopReason.STEPPED
    assert result(guest) == 2


def test_a_literal_in_ram_that_is_stored_to_is_a_variable() -> None:
    guest = Guest()
    program = Program(guest, SRAM)
    loop = program("lrw16", rz=RESULT, offset=8)
    program("addi16", rz=RESULT, oimm=1)
    program("st.w", rz=RESULT, rx=POINTER, offset=0)
    program("br16", offset=program.to(loop))
    guest.state.pc, guest.state.r[POINTER] = SRAM, SRAM + 8
    guest.run(4 * 50)
    assert guest.state.r[RESULT] == 50
    assert engine_of(guest).statistics.regions_translated == 2


@pytest.mark.parametrize("engine", ["interpreter", "translator"])
def test_a_store_over_an_instruction_without_host_code_counts(engine: str) -> None:
    guest = Guest(engine)
    program = Program(guest, SRAM)
    program("st.h", rz=VALUE, rx=POINTER, offset=0)
    changed = program("sync")
    program("addi16", rz=COUNT, oimm=1)
    program("br16", offset=0)
    guest.state.pc, guest.state.r[POINTER] = SRAM, changed
    guest.state.r[VALUE] = int.from_bytes(assemble("br16", offset=0), "little")
    guest.state.r[COUNT] = 0
    guest.run(10)
    assert (guest.state.pc, guest.state.r[COUNT]) == (changed, 0)


@FROM
@pytest.mark.parametrize("engine", ["interpreter", "translator"])
def test_a_device_that_changes_the_next_instruction_is_honoured(engine: str, start: int) -> None:
    guest = Guest(engine)
    program = Program(guest, start)
    program("st.w", rz=VALUE, rx=POINTER, offset=0)
    changed = guest.put(program.address, OLD) - len(OLD)
    Program(guest, changed + len(OLD))("br16", offset=0)

    def change(_offset: int, _value: int) -> None:
        guest.put(changed, NEW)
        guest.engine.invalidate(changed, len(NEW))

    guest.bus.on_write = change
    guest.state.pc, guest.state.r[POINTER] = start, DEVICE
    guest.run(10)
    assert guest.state.r[RESULT] == 2


@FROM
def test_a_store_beside_code_is_told_so_often_and_then_guarded(
    start: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = guest_with_function()
    told = count_calls(guest, monkeypatch)
    before = engine_of(guest).statistics.regions_translated
    store(guest, start, "st.w", DATA, b"\1\2\3\4", is_guarded=False, times=10 * MOST_TOLD)
    assert told() == MOST_TOLD
    assert engine_of(guest).statistics.regions_translated - before == 2
    assert guest.bus.read(DATA, 4) == 0x0403_0201
    assert result(guest) == 1
    assert engine_of(guest).statistics.regions_translated - before == 2


def count_calls(guest: Guest, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    count, host = 0, engine_of(guest)._host
    told = host.stored

    def counted(address: int, size_bytes: int) -> None:
        nonlocal count
        count += 1
        told(address, size_bytes)

    monkeypatch.setattr(host, "stored", counted)
    return lambda: count


def test_a_page_whose_code_has_gone_is_as_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    guest = guest_with_function()
    told = count_calls(guest, monkeypatch)
    store(guest, FLASH, "st.h", FUNCTION, NEW, is_guarded=False)
    assert told() == 1
    store(guest, FLASH + 0x200, "st.h", FUNCTION, NEW, is_guarded=False, times=10)
    assert told() == 1
    result(guest)
    store(guest, FLASH + 0x200, "st.h", FUNCTION, OLD, is_guarded=False)
    assert told() == 2


@GUARDED
def test_a_watched_store_is_seen_in_a_page_with_code(is_guarded: bool) -> None:
    guest = guest_with_function()
    seen: list[Access] = []

    def accessed(access: Access) -> bool:
        seen.append(access)
        return False

    guest.events.accessed = accessed  # type: ignore[method-assign]
    store(guest, SRAM, "st.w", DATA, b"\1\0\0\0", is_guarded=is_guarded, times=3)
    guest.engine.set_watched(frozenset({WatchedRange(DATA, 4, reads=False, writes=True)}))
    store(guest, SRAM, "st.w", DATA, b"\2\0\0\0", is_guarded=is_guarded, times=3)
    assert [access.value for access in seen] == [2, 2, 2]


@GUARDED
@pytest.mark.parametrize("address", [DEVICE, 0x2010_0004, 0xFFFF_FFFC, FLASH, SRAM - 4])
def test_where_no_code_is_a_guard_changes_nothing(address: int, is_guarded: bool) -> None:
    guests = [Guest(engine) for engine in ("interpreter", "translator")]
    stops = []
    for guest in guests:
        guest.put(SRAM, OLD)
        program = Program(guest, FLASH)
        at = program("st.w", rz=VALUE, rx=POINTER, offset=4)
        program("br16", offset=0)
        if guest is guests[1] and is_guarded:
            engine_of(guest)._store_notes.guarded.add(at)
        guest.state.r[POINTER] = address - 4 & 0xFFFF_FFFF
        stops.append(guest.run(2))
    assert stops[0] == stops[1]
    assert guests[0].bus.sram.buffer == guests[1].bus.sram.buffer
