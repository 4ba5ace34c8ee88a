"""What an update depends on: what happens first to a byte counts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from emu.regress.powercut.footprint import Footprint
from peripherals.framework.page_copies import PAGE_BYTES

SIZE = 3 * PAGE_BYTES
EVENTS = some.lists(some.tuples(some.booleans(), some.integers(0, SIZE - 1), some.integers(1, 5000)))


@given(EVENTS)
def test_bytes_do_not_matter_that_are_replaced_before_they_are_used(
    events: list[tuple[bool, int, int]],
) -> None:
    footprint, first = Footprint(SIZE), dict[int, bool]()
    for is_use, offset, size_bytes in events:
        (footprint.use if is_use else footprint.replace)(offset, size_bytes)
        for each in range(offset, min(offset + size_bytes, SIZE)):
            first.setdefault(each, is_use)
    replaced = [
        each for offset, size_bytes in footprint.replaced() for each in range(offset, offset + size_bytes)
    ]
    assert replaced == sorted(each for each, is_use in first.items() if not is_use)


def test_an_operation_belongs_to_the_sector_that_is_being_replaced() -> None:
    footprint = Footprint(SIZE)
    assert not footprint.is_explained(0, 256)
    footprint.replace(PAGE_BYTES + 100, 8)
    assert footprint.is_explained(PAGE_BYTES, PAGE_BYTES)
    assert footprint.is_explained(2 * PAGE_BYTES - 256, 256)
    assert not footprint.is_explained(PAGE_BYTES, 2 * PAGE_BYTES)
    assert not footprint.is_explained(0, 256)
