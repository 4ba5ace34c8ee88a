"""The way around the bus for reads of counts of time: translated code works them out from its budget.

Words behind the gateway tell of which registers, for how long, and how (`contract.ElapsedCount`). They hold
until Python answers an access that may change one. What stays as it is counts as well, by 0.
"""

from __future__ import annotations

import struct
from typing import Final

from emu.dbt import a64
from emu.dbt.regmap import BASE, BUDGET, COUNT_SLOTS, COUNT_WORDS, FLOAT_SCRATCH, NEXT_PC
from emu.engine.contract import ElapsedCount

_ADDRESS: Final = struct.Struct("=Q")
_WORDS: Final = struct.Struct("=2q6Q")
_LEFT_AT_END, _SINCE, _MULTIPLIER, _DIVISOR, _RATE, _START, _UNIT, _LEAST = range(0, _WORDS.size, 8)
_NOWHERE: Final = b"\xff" * _ADDRESS.size * COUNT_SLOTS
_MOST: Final = 1 << 63
_MASK64: Final = (1 << 64) - 1
_OTHER: Final = NEXT_PC  # free until a jump
_KEPT: Final = FLOAT_SCRATCH[0]


class CountWords:
    """What some counts are worked out from, each in a slot that its address leads to."""

    def __init__(self, page: bytearray) -> None:
        """`page` is that of the gateway."""
        self._page = page
        self._slots: dict[int, int] = {}
        self.clear()

    def clear(self) -> None:
        """Have all counts read from their devices."""
        self._page[COUNT_WORDS : COUNT_WORDS + len(_NOWHERE)] = _NOWHERE

    def slot(self, address: int) -> int:
        """The one of an address; some have the same."""
        return self._slots.setdefault(address, len(self._slots) % COUNT_SLOTS)

    def set(self, address: int, count: ElapsedCount, now: int, end: int, total: int) -> bool:
        """Have the word at an address worked out while `now` <= elapsed < `end`; False if that cannot be.

        `total` is what will have elapsed when the budget in X30 is 0.
        """
        since, multiplier, divisor, start, rate, unit = count
        if not since <= now < end < _MOST // multiplier:
            return False
        first, last = count.at(now), count.at(end - 1)
        least, most = (first, last) if first < last else (last, first)
        if least < 0 or most >= 1 << 32 or (most - least + 2) * unit >= _MOST:
            return False
        start = start - least * unit & _MASK64  # what is worked out is how much more it is
        words = total - end + 1, total - since, multiplier, divisor, rate & _MASK64, start, unit, least
        slot = self.slot(address)
        _ADDRESS.pack_into(self._page, _address_at(slot), address)
        _WORDS.pack_into(self._page, _words_at(slot), *words)
        return True


def _address_at(slot: int) -> int:
    return COUNT_WORDS + _ADDRESS.size * slot


def _words_at(slot: int) -> int:
    return _address_at(COUNT_SLOTS) + _WORDS.size * slot


def count_detour(word: int, slot: int, unspent_cost: int, back: int) -> list[int]:
    """Code to jump to instead of `word`, a load of 4 bytes; it ends `back` words from its start, behind that.

    The last instruction but one is `word`, for all that is not the count in that slot of `CountWords`.
    """
    count, (base, offset) = word & 31, a64.accessed(word)
    is_lost = count == base
    words = _words_at(slot)

    def by(operation: int, at: int) -> tuple[int, int]:
        return a64.ldr(_OTHER, BASE, words + at, 8), a64.rrr(operation, count, count, _OTHER, True)

    def times(at: int) -> tuple[int, int]:
        return a64.ldr(_OTHER, BASE, words + at, 8), a64.mul(count, count, _OTHER, True)

    work_out = [
        a64.ldr(_OTHER, BASE, words + _SINCE, 8),
        a64.rrr(a64.SUB, count, _OTHER, count, True),
        *times(_MULTIPLIER),
        *by(a64.UDIV, _DIVISOR),
        *times(_RATE),
        *by(a64.ADD, _START),
        *by(a64.UDIV, _UNIT),
        *by(a64.ADD, _LEAST),
    ]
    before_end = [
        *([a64.fmov_from_general(_KEPT, base)] if is_lost else ()),
        *a64.add_number(count, BUDGET, unspent_cost, unspent_cost),
        a64.ldr(_OTHER, BASE, words + _LEFT_AT_END, 8),
        a64.rrr(a64.SUB, _OTHER, count, _OTHER, True),
        a64.tbnz(_OTHER, 63, len(work_out) + 2),
        *work_out,
    ]
    code = [
        a64.ldr(_OTHER, BASE, _address_at(slot), 8),
        *(a64.add_number(_OTHER, _OTHER, -offset, offset) if offset else ()),
        a64.rrr(a64.EOR, _OTHER, _OTHER, base, True),
        a64.cbnz(_OTHER, len(before_end) + 2 + is_lost, True),
        *before_end,
    ]
    code.append(a64.b(back - len(code)))
    code += [a64.fmov_to_general(base, _KEPT)] * is_lost
    code.append(word)
    code.append(a64.b(back - len(code)))
    return code
