"""What a cut operation leaves is what the device could leave."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from emu.regress.powercut.torn import NAMES, TORN_WRITES, TornWrite, torn_writes
from peripherals.flash_operation import OperationKind

PAGES = some.binary(min_size=256, max_size=256)
OF_PROGRAMS = [torn for torn in TORN_WRITES if torn.kind is OperationKind.PROGRAM]
OF_ERASES = [torn for torn in TORN_WRITES if torn.kind is OperationKind.ERASE]


def bits_of(data: bytes) -> int:
    return int.from_bytes(data, "little")


@pytest.mark.parametrize("torn", OF_PROGRAMS, ids=lambda torn: torn.name)
@given(old=PAGES, wanted=PAGES, seed=some.integers())
def test_a_program_only_clears_bits_that_it_should(
    torn: TornWrite, old: bytes, wanted: bytes, seed: int
) -> None:
    new = bytes(a & b for a, b in zip(old, wanted, strict=True))
    left = bits_of(torn.leaves(old, new, random.Random(seed)))
    assert left & ~bits_of(old) == 0
    assert bits_of(new) & ~left == 0


@pytest.mark.parametrize("torn", TORN_WRITES, ids=lambda torn: f"{torn.kind.value}-{torn.name}")
@given(old=PAGES, seed=some.integers())
def test_what_is_left_depends_on_the_seed_only_and_has_the_same_size(
    torn: TornWrite, old: bytes, seed: int
) -> None:
    new = bytes(256) if torn.kind is OperationKind.PROGRAM else b"\xff" * 256
    first, second = (torn.leaves(old, new, random.Random(seed)) for _ in range(2))
    assert first == second
    assert len(first) == 256


def test_half_done_is_neither_nothing_nor_all() -> None:
    old, new = b"\xff" * 4096, bytes(4096)
    for torn in OF_PROGRAMS:
        shares = [bits_of(torn.leaves(old, new, random.Random(seed))).bit_count() for seed in range(20)]
        assert len(set(shares)) > 10
        assert min(shares) > 0
        assert max(shares) < 8 * 4096


def test_an_erase_leaves_zeros_towards_the_end_first() -> None:
    [zeros] = torn_writes(OperationKind.ERASE, frozenset({"zeros"}))
    left = zeros.leaves(b"\x5a" * 4096, b"\xff" * 4096, random.Random(1))
    kept = len(left.rstrip(b"\0"))
    assert left == b"\x5a" * kept + bytes(4096 - kept)


def test_each_way_has_a_source_and_a_name_that_is_known() -> None:
    assert all(torn.source and torn.meaning for torn in TORN_WRITES)
    assert {torn.name for torn in TORN_WRITES} == set(NAMES)
    assert torn_writes(OperationKind.ERASE, frozenset()) == []
    assert len(OF_ERASES) == len(OF_PROGRAMS) == 3
