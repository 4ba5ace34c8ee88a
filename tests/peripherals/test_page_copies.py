"""Snapshots share the pages of a memory that have not changed between them, and change only what differs."""

from __future__ import annotations

from random import Random

import pytest

from peripherals.framework.page_copies import PAGE_BYTES, PageCopies


def test_a_copy_shares_what_has_not_changed() -> None:
    memory = bytearray(3 * PAGE_BYTES + 5)
    copies = PageCopies(memory)
    before = copies.take()
    memory[PAGE_BYTES] = memory[-1] = 1
    copies.changed(PAGE_BYTES, 1)
    copies.compare()
    after = copies.take()
    assert b"".join(after) == memory
    assert [page is other for page, other in zip(before, after, strict=True)] == [True, False, True, False]
    assert list(copies.differences(after)) == []
    assert list(copies.differences(before)) == [(PAGE_BYTES, bytes(64)), (3 * PAGE_BYTES, bytes(5))]


def test_differences_are_pieces_of_pages() -> None:
    memory = bytearray(2 * PAGE_BYTES)
    copies = PageCopies(memory)
    before = copies.take()
    for at in (0, 64, 300, PAGE_BYTES - 1, PAGE_BYTES):
        memory[at] = 1
    copies.compare()
    found = list(copies.differences(before))
    assert found == [(0, bytes(128)), (256, bytes(64)), (PAGE_BYTES - 64, bytes(64)), (PAGE_BYTES, bytes(64))]
    for offset, data in found:
        memory[offset : offset + len(data)] = data
    assert memory == b"".join(before)


def test_changes_that_are_told_need_no_comparison() -> None:
    rng = Random(1)
    memory = memoryview(bytearray(rng.randbytes(10 * PAGE_BYTES)))
    copies = PageCopies(memory)
    for _ in range(50):
        size_bytes = rng.randrange(1, 2 * PAGE_BYTES)
        offset = rng.randrange(len(memory) - size_bytes)
        memory[offset : offset + size_bytes] = rng.randbytes(size_bytes)
        copies.changed(offset, size_bytes)
        assert b"".join(copies.take()) == bytes(memory)


def test_a_memory_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="a snapshot of 5 bytes for a memory of 4"):
        list(PageCopies(bytearray(4)).differences((bytes(5),)))
