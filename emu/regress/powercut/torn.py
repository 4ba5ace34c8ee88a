"""What an operation of the flash may leave that was cut in the middle.

No source tells what the W800's flash leaves; these are the kinds that others have seen on NOR flashes.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from peripherals.flash_operation import OperationKind


@dataclass(frozen=True, slots=True)
class TornWrite:
    """A way in which an operation is left half done."""

    name: str
    kind: OperationKind
    leaves: Callable[[bytes, bytes, random.Random], bytes]
    """Of what was there, and what should be there."""
    meaning: str
    source: str
    is_unstable: bool = False
    """Whether it is drawn anew at each start of the device, until it is erased."""


def _prefix(old: bytes, new: bytes, draw: random.Random) -> bytes:
    """The first bytes are as they should be: at least one is, and at least one is not."""
    differing = [number for number in range(len(old)) if old[number] != new[number]]
    if len(differing) < 2:
        return _bits(old, new, draw)
    end = draw.choice(differing[1:])
    return new[:end] + old[end:]


def _bits(old: bytes, new: bytes, draw: random.Random) -> bytes:
    """Of the bits that change, some have changed: some hardly any, some nearly all of them."""
    return _mixed(old, new, _mask(len(old), draw.random(), draw))


def _unstable(old: bytes, new: bytes, draw: random.Random) -> bytes:
    return _mixed(old, new, _mask(len(old), 0.5, draw))


def _zeros(old: bytes, _new: bytes, draw: random.Random) -> bytes:
    """From some byte to the end it is zeros."""
    begin = draw.randrange(len(old))
    return old[:begin] + bytes(len(old) - begin)


def _half_erased(old: bytes, new: bytes, draw: random.Random) -> bytes:
    """All bits were 0; some have become 1."""
    return _mixed(bytes(len(old)), new, _mask(len(old), draw.random(), draw))


def _nearly_erased(old: bytes, new: bytes, draw: random.Random) -> bytes:
    """All bits are 1, but for a few in a thousand."""
    return _mixed(bytes(len(old)), new, _mask(len(old), 0.998, draw))


def _mask(size_bytes: int, share: float, draw: random.Random) -> int:
    """Bits of which about so many are 1."""
    mask, precision = 0, 10
    for digit in range(precision):  # halving from the least digit of the share on
        bits = draw.getrandbits(8 * size_bytes)
        mask = mask | bits if int(share * (1 << precision)) >> digit & 1 else mask & bits
    return mask


def _mixed(old: bytes, new: bytes, is_new: int) -> bytes:
    before, after = int.from_bytes(old, "little"), int.from_bytes(new, "little")
    return (before & ~is_new | after & is_new).to_bytes(len(old), "little")


_MTD_2009: Final = "linux-mtd, July 2009, messages 026435 and 026466 (NOR)"
_MTD_2011: Final = "linux-mtd, October 2011, messages 038170 and 038179 (NAND; bit flips also on NOR)"
_PROGRAM, _ERASE = OperationKind.PROGRAM, OperationKind.ERASE

TORN_WRITES: Final = (
    TornWrite("prefix", _PROGRAM, _prefix, "it is programmed up to some byte", "GUESS: filled in order"),
    TornWrite("bits", _PROGRAM, _bits, "some of the bits have become 0", _MTD_2011),
    TornWrite(
        *("unstable", _PROGRAM, _unstable, "bits read differently at each start", _MTD_2011),
        is_unstable=True,
    ),
    TornWrite("zeros", _ERASE, _zeros, "programmed to 0 first, from the end: some of it is", _MTD_2009),
    TornWrite("bits", _ERASE, _half_erased, "some of the bits have become 1, the others are 0", _MTD_2009),
    TornWrite(
        *(
            "unstable",
            _ERASE,
            _nearly_erased,
            "looks erased; few bits read differently at each start",
            _MTD_2011,
        ),
        is_unstable=True,
    ),
)
NAMES: Final = tuple(dict.fromkeys(torn.name for torn in TORN_WRITES))


def torn_writes(kind: OperationKind, names: frozenset[str]) -> list[TornWrite]:
    """Those of these names that an operation of this kind may leave."""
    return [torn for torn in TORN_WRITES if torn.kind is kind and torn.name in names]
