"""A region as 32-bit numbers, for a file: nothing in it can be executed or named, and every count is checked.

A record is its own length, then HEAD numbers, then the lists whose lengths the head tells.
"""

from __future__ import annotations

from array import array
from itertools import chain
from typing import TypeAlias

from emu.dbt.charge import Charge
from emu.dbt.conditions import Kind
from emu.dbt.region import Region

Record: TypeAlias = "array[int]"
Key = tuple[int, int]
"""Where the region is entered, and in which mode."""

FINGERPRINT_BYTES = 16
_HEAD = 10  # length, entry, mode, cost, surplus, and the lengths of five lists
_FINGERPRINT = FINGERPRINT_BYTES // 4
_KINDS = frozenset(kind.value for kind in Kind)
_SIGN = 1 << 31


class DamagedRecordError(ValueError):
    """A record is not one that `record_of` makes."""


def record_of(region: Region, mode: int, fingerprint: bytes) -> Record:
    """The record of a region; `fingerprint` is of the guest bytes it was made from."""
    lists = (
        array("I", chain.from_iterable(region.guest_ranges)),
        region.words,
        region.exits,
        array("I", chain.from_iterable(region.links)),
        array("I", chain.from_iterable(region.entries.items())),
    )
    marks = (region.positions, region.pcs, region.unspent, array("I", list(region.kinds)))
    surplus = region.charge.surplus & 0xFFFF_FFFF
    record = array("I", (0, region.entry, mode, region.charge.cost, surplus, *map(len, lists)))
    record.frombytes(fingerprint)
    for numbers in (*lists, *marks):
        record += numbers
    record[0] = len(record)
    return record


def records_in(numbers: array[int]) -> list[Record]:
    """Cut a file's contents into records; DamagedRecordError if these do not fill it."""
    records, start = [], 0
    while start < len(numbers):
        length = numbers[start]
        if not _HEAD + _FINGERPRINT <= length <= len(numbers) - start:
            raise DamagedRecordError(f"a record of {length} numbers at {start}")
        records.append(numbers[start : start + length])
        start += length
    return records


def key_of(record: Record) -> Key:
    """What the region of a record is found by."""
    return record[1], record[2]


def fingerprint_in(record: Record) -> bytes:
    """The fingerprint of the guest bytes that the region was made from."""
    return record[_HEAD : _HEAD + _FINGERPRINT].tobytes()


def ranges_in(record: Record) -> list[tuple[int, int]]:
    """Where those guest bytes are."""
    return _pairs(_Lists(record).take(record[5]))


def region_in(record: Record) -> Region:
    """The region of a record; DamagedRecordError if it cannot be one."""
    lists = _Lists(record)
    ranges, words, exits, links, entries = (lists.take(count) for count in record[5:10])
    marks = lists.rest()
    if len(marks) % 4:
        raise DamagedRecordError("marks that are not of one length")
    quarter = len(marks) // 4
    positions, pcs, unspent, kinds = (marks[n * quarter : (n + 1) * quarter] for n in range(4))
    region = Region(
        record[1],
        words,
        exits,
        _pairs(links),
        dict(_pairs(entries)),
        positions,
        pcs,
        unspent,
        bytearray(kind & 0xFF for kind in kinds),
        _pairs(ranges),
        Charge(record[3], (record[4] ^ _SIGN) - _SIGN),
    )
    _check(region)
    return region


def _check(region: Region) -> None:
    jumps = (place for place, _ in region.links)
    places = chain(region.exits, jumps, region.entries.values(), region.positions)
    if (
        region.entry not in region.entries
        or max(places) >= len(region.words)
        or not _KINDS.issuperset(region.kinds)
        or any(not start < end for start, end in region.guest_ranges)
    ):
        raise DamagedRecordError(f"no region is like that of {region.entry:#x}")


def _pairs(numbers: array[int]) -> list[tuple[int, int]]:
    return list(zip(numbers[::2], numbers[1::2], strict=True))


class _Lists:
    """Takes one list after the other out of a record."""

    def __init__(self, record: Record) -> None:
        self._record, self._next = record, _HEAD + _FINGERPRINT

    def take(self, count: int) -> array[int]:
        start, self._next = self._next, self._next + count
        if self._next > len(self._record):
            raise DamagedRecordError("lists that are longer than their record")
        return self._record[start : self._next]

    def rest(self) -> array[int]:
        return self._record[self._next :]
