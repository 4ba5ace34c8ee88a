"""Blocks are put where computed jumps to them do not get in each other's way."""

from __future__ import annotations

from emu.dbt.host import PAGE_BYTES
from emu.dbt.jump_slots import ROOM_BYTES, SLOTS, JumpSlots

PAGE = 3 * PAGE_BYTES
APART = 64 // 4  # words


def slot(address: int) -> int:
    return (address ^ address >> 8) % SLOTS


def test_blocks_that_would_share_a_slot_are_moved_apart() -> None:
    assert slot(PAGE) == slot(PAGE + 64)
    base = JumpSlots().place(PAGE, [0, APART])
    assert PAGE < base <= PAGE + ROOM_BYTES
    assert slot(base) != slot(base + 64)


def test_other_code_is_not_put_onto_slots_that_are_taken() -> None:
    slots = JumpSlots()
    first = slots.place(PAGE, [0])
    second = slots.place(PAGE + 64, [0])
    assert first == PAGE
    assert slot(second) != slot(first)


def test_code_without_neighbours_stays_where_there_is_room() -> None:
    slots = JumpSlots()
    assert slots.place(PAGE, [0, 1, 2]) == PAGE
    assert slots.place(PAGE + PAGE_BYTES, [0, 1, 2]) == PAGE + PAGE_BYTES


def test_a_page_with_more_blocks_than_slots_loses_no_room() -> None:
    slots = JumpSlots()
    slots.place(PAGE, range(SLOTS))
    free = PAGE + 4 * SLOTS
    assert slots.place(free, [0, APART]) == free
