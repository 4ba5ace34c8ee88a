"""A region as 32-bit numbers, to be stored: nothing in it is executed or named, and every count is checked.

A record is its own length and the rest of the head, a fingerprint, and one list after the other: the fields
of `Region` in their order, whose lengths the head tells.
"""

from __future__ import annotations

from array import array
from dataclasses import fields
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

from emu.cache.digests import DIGEST_BYTES, sealed, unsealed
from emu.dbt.charge import Charge
from emu.dbt.conditions import Kind
from emu.dbt.region import Region

if TYPE_CHECKING:
    from emu.cache.database import Key  # which needs SQLite

Record: TypeAlias = "array[int]"
_LISTS = tuple(field.name for field in fields(Region) if field.name not in ("entry", "charge"))
_LENGTHS = 5  # behind length, entry, mode, cost and surplus
_HEAD = _LENGTHS + len(_LISTS)
_FINGERPRINT = DIGEST_BYTES // 4
_KINDS = frozenset(kind.value for kind in Kind)
_SIGN = 1 << 31


class DamagedRecordError(ValueError):
    """A record is not one that `record_of` makes."""


def record_of(region: Region, mode: int, fingerprint: bytes) -> Record:
    """The record of a region; `fingerprint` is of the guest bytes it was made from."""
    lists = [_flat(getattr(region, name)) for name in _LISTS]
    surplus = region.charge.surplus & 0xFFFF_FFFF
    record = array("I", (0, region.entry, mode, region.charge.cost, surplus, *map(len, lists)))
    record.frombytes(fingerprint)
    for numbers in lists:
        record += numbers
    record[0] = len(record)
    return record


def stored(record: Record) -> bytes:
    """A record as it is kept."""
    return sealed(record.tobytes())


def record_in(data: bytes) -> Record:
    """The record that was stored; DamagedRecordError if anything of it has changed."""
    numbers = unsealed(data)
    if numbers is None:
        raise DamagedRecordError("another digest")
    record = array("I", numbers)
    if len(record) < _HEAD + _FINGERPRINT or record[0] != len(record):
        raise DamagedRecordError(f"a record of {len(record)} numbers")
    return record


def key_of(record: Record) -> Key:
    """What the region of a record is found by: where it is entered, and in which mode."""
    return record[1], record[2]


def fingerprint_in(record: Record) -> bytes:
    """The fingerprint of the guest bytes that the region was made from."""
    return record[_HEAD : _HEAD + _FINGERPRINT].tobytes()


def region_in(record: Record) -> Region:
    """The region of a record; DamagedRecordError if it cannot be one."""
    region = Region(record[1], charge=Charge(record[3], (record[4] ^ _SIGN) - _SIGN))
    for number, name in enumerate(_LISTS):
        setattr(region, name, _restored(_list(record, number), type(getattr(region, name))))
    _check(region)
    return region


def _check(region: Region) -> None:
    jumps = (place for place, _ in region.links)
    entries = region.entries.values()
    places = chain(region.exits, jumps, entries, region.landings, region.positions, region.tell_positions)
    if (
        region.entry not in region.entries
        or len({len(region.positions), len(region.pcs), len(region.unspent), len(region.kinds)}) != 1
        or len({*map(len, _tells_of(region))}) != 1
        or max(places) >= len(region.words)
        or not _KINDS.issuperset(region.kinds)
        or any(not start < end for start, end in region.guest_ranges)
    ):
        raise DamagedRecordError(f"no region is like that of {region.entry:#x}")


def _tells_of(region: Region) -> tuple[array[int], ...]:
    return region.tell_pcs, region.tell_reasons, region.tell_positions, region.silent_words


def _list(record: Record, number: int) -> array[int]:
    """One of the lists that follow the head; DamagedRecordError if the record ends before it."""
    lengths = record[_LENGTHS:_HEAD]
    start = _HEAD + _FINGERPRINT + sum(lengths[:number])
    if start + lengths[number] > len(record):
        raise DamagedRecordError("lists that are longer than their record")
    return record[start : start + lengths[number]]


def _flat(value: Any) -> array[int]:
    """A field of a region as numbers: pairs one after another."""
    match value:
        case array():
            return value
        case dict():
            return array("I", chain.from_iterable(value.items()))
        case bytearray():
            return array("I", list(value))
        case _:
            return array("I", chain.from_iterable(value))


def _restored(numbers: array[int], kind: type) -> Any:
    """The field of that type again."""
    if kind is array:
        return numbers
    if kind is bytearray:
        return bytearray(numbers.tolist())
    return kind(_pairs(numbers))


def _pairs(numbers: array[int]) -> list[tuple[int, int]]:
    return list(zip(numbers[::2], numbers[1::2], strict=True))
