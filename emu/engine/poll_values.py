"""What values are in every round of a loop: formulas of the round's number, computed as `Value`s.

A value is that of round 0, which has been executed, and a `Change`. Rounds go the same way as long as
whatever depends on a value in another way than by adding stays as it was: each such use tells the `Horizon`
within which bounds the value has to stay.
"""
# ruff: noqa: D102 - documented in Value

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import NamedTuple

from emu.engine.values import Double, Number, Word
from emu.isa.ops import NotInThisBackEndError, Value

_FAR = 1 << 80
"""Beyond all values."""
_NEAR = 4
"""Where a line leaves its bounds is worked out, and looked for within so many rounds before and behind."""


Place = int | tuple[int, int]
"""A register by its number, `CONDITION`, or memory: address and size."""
CONDITION = 32


class Course:
    """What a read of a device register gives in each round: a straight line in time, rounded."""

    __slots__ = ("_elapsed", "_known", "_round_cost", "_value_at")

    def begin(self, value_at: Callable[[int], int], elapsed: int, round_cost: int) -> int:
        """`elapsed` is when it is made in round 0; gives what it gives then."""
        self._value_at, self._elapsed, self._round_cost = value_at, elapsed, round_cost
        self._known: dict[int, int] = {}
        return self.at(0)

    def at(self, number: int) -> int:
        """What it gives in that round; -1 is the one before round 0."""
        known = self._known.get(number)
        if known is None:
            known = self._known[number] = self._value_at(self._elapsed + number * self._round_cost)
        return known


class Change(NamedTuple):
    """How much more a value is than in round 0: `step` a round, and multiples of what courses are more."""

    step: int = 0
    courses: Mapping[tuple[Course, int], int] = {}
    """(course, how many rounds ago it was read) -> factor."""

    def after(self, rounds: int) -> int:
        """How much it is in that round."""
        change = self.step * rounds
        for (course, ago), factor in self.courses.items():
            change += factor * (course.at(rounds - ago) - course.at(-ago))
        return change

    def plus(self, other: Change, factor: int = 1) -> Change:
        """The change of a value to which `factor` times another one is added."""
        if other is UNCHANGED:
            return self
        if self is UNCHANGED and factor == 1:
            return other
        courses = dict(self.courses)
        for key, of_other in other.courses.items():
            courses[key] = courses.get(key, 0) + factor * of_other
        step, courses = self.step + factor * other.step, {key: n for key, n in courses.items() if n}
        return Change(step, courses) if step or courses else UNCHANGED

    def a_round_ago(self) -> Change:
        """The change of what is remembered of the round before."""
        if not self.courses:
            return self
        return Change(
            self.step, {(course, ago + 1): factor for (course, ago), factor in self.courses.items()}
        )

    @property
    def roughness(self) -> int:
        """How far a value may leave the line through two others; 0 if it only rises or only falls."""
        is_one = not self.courses or (self.step == 0 and len(self.courses) == 1)
        # Rounded to whole ticks, at a time rounded to nanoseconds, which are less than a tick: a count is
        # less than 1 off a line, either way, so that values between two may be 2 beyond both.
        return 0 if is_one else 2 * sum(map(abs, self.courses.values()))


UNCHANGED = Change()


class Horizon:
    """Up to which round everything goes as in round 0."""

    def __init__(self) -> None:
        self._last = _FAR
        self._kept: list[tuple[int, Change, int, int]] = []

    def keep(self, value: int, change: Change, low: int, high: int) -> None:
        """A value has to stay within low..high, as it is in round 0."""
        if change is not UNCHANGED:
            self._kept.append((value, change, low, high))

    def end(self, last: int) -> None:
        """Nothing is known beyond that round."""
        self._last = min(self._last, last)

    @property
    def rounds(self) -> int:
        """The number of the last round; negative if not even round 0 is known."""
        last = self._last
        for value, change, low, high in self._kept:
            last = _last_within(last, value, change, low + change.roughness, high - change.roughness)
        return last


def _last_within(last: int, value: int, change: Change, low: int, high: int) -> int:
    """The last round up to `last` where the value, as it is in round 0, is within low..high."""

    def leaves(rounds: int) -> bool:
        return not low <= value + change.after(rounds) <= high

    # The last round and round 0 are within: so is what lies between, on a line.
    if last <= 0 or not low <= value <= high:
        return min(last, 0)
    way = change.after(last)
    if low <= value + way <= high:
        return last
    guess = last * ((high if way > 0 else low) - value) // way
    near = range(max(guess - _NEAR, 1), min(guess + _NEAR, last))
    if not near or leaves(near.start) or not leaves(near.stop):
        near = range(1, last)
    return near.start - 1 + bisect_left(near, True, key=leaves)


class Sequence(Value):
    """A value of 32 or 64 bits, `v` in round 0; NotInThisBackEndError where it is no longer a formula."""

    __slots__ = ("_horizon", "change", "v", "width")

    def __init__(self, horizon: Horizon, v: int, change: Change = UNCHANGED, width: int = 32) -> None:
        self._horizon = horizon
        self.v = v & (1 << width) - 1
        self.change = change
        self.width = width

    def constant(self) -> Number:
        """The same value in all rounds."""
        if self.change is not UNCHANGED:
            raise NotInThisBackEndError
        return Word(self.v) if self.width == 32 else Double(self.v)

    # Sums and multiples.
    def __add__(self, other: Value | int) -> Sequence:
        return self._plus(other, 1)

    def __sub__(self, other: Value | int) -> Sequence:
        return self._plus(other, -1)

    def __mul__(self, other: Value | int) -> Sequence:
        factor = self._of(other)
        if self.change is not UNCHANGED and factor.change is UNCHANGED:
            return factor * self
        number = self.constant().signed()
        return self._new(number * factor.v, UNCHANGED.plus(factor.change, number))

    def __invert__(self) -> Sequence:
        return self._new(~self.v, UNCHANGED.plus(self.change, -1))

    def shl(self, amount: Value | int) -> Sequence:
        count = self._of(amount).constant().v & 63
        if count >= self.width:
            return self._new(0)
        return self._new(self.v << count, UNCHANGED.plus(self.change, 1 << count))

    def quotient(self, divisor: Value | int) -> Sequence:
        """Divided by a value that is not 0 and stays the same: unsigned, as long as it is what it is."""
        by = self._of(divisor).constant().v
        quotient = self.v // by
        self._horizon.keep(self.v, self.change, quotient * by, quotient * by + by - 1)
        return self._new(quotient)

    def low(self) -> Sequence:
        return self._new(self.v, self.change, 32)

    # Bit fields.
    def __and__(self, other: Value | int) -> Sequence:
        mask = self._of(other)
        if self.change is not UNCHANGED and mask.change is UNCHANGED and not mask.v & mask.v + 1:
            return self.bits(mask.v.bit_length() - 1, 0) if mask.v else self._new(0)
        return self._same(Number.__and__, other)

    def shr(self, amount: Value | int) -> Sequence:
        count = self._of(amount).constant().v & 63
        return self.bits(self.width - 1, count) if count < self.width else self._new(0)

    def sar(self, amount: Value | int) -> Sequence:
        count = min(self._of(amount).constant().v & 63, self.width - 1)
        return self.signed_bits(self.width - 1, count)

    def bits(self, msb: int, lsb: int) -> Sequence:
        return self._field(self.v & (2 << msb) - 1, 0, (2 << msb) - 1, lsb)

    def signed_bits(self, msb: int, lsb: int) -> Sequence:
        sign = 1 << msb
        return self._field((self.v & (sign << 1) - 1 ^ sign) - sign, -sign, sign - 1, lsb)

    def zero_extend_64(self) -> Sequence:
        wide = self.bits(31, 0)
        return self._new(wide.v, wide.change, 64)

    def sign_extend_64(self) -> Sequence:
        wide = self.signed_bits(31, 0)
        return self._new((wide.v ^ 1 << 31) - (1 << 31), wide.change, 64)

    def high(self) -> Sequence:
        return self.bits(63, 32).low()

    # Comparisons.
    def eq(self, other: Value | int) -> Sequence:
        difference = self - other
        if difference.v:
            self._horizon.keep(difference.v, difference.change, 1, (1 << self.width) - 1)
        else:
            self._horizon.keep(0, difference.change, 0, 0)
        return self._new(difference.v == 0, width=32)

    def ne(self, other: Value | int) -> Sequence:
        return self._new(1 - self.eq(other).v, width=32)

    def ult(self, other: Value | int) -> Sequence:
        return self._less(self.bits(self.width - 1, 0), self._of(other).bits(self.width - 1, 0), signed=False)

    def uge(self, other: Value | int) -> Sequence:
        return self._new(1 - self.ult(other).v, width=32)

    def slt(self, other: Value | int) -> Sequence:
        msb = self.width - 1
        return self._less(self.signed_bits(msb, 0), self._of(other).signed_bits(msb, 0), signed=True)

    def sge(self, other: Value | int) -> Sequence:
        return self._new(1 - self.slt(other).v, width=32)

    # All others make formulas of constants only.
    def __or__(self, other: Value | int) -> Sequence:
        return self._same(Number.__or__, other)

    def __xor__(self, other: Value | int) -> Sequence:
        return self._same(Number.__xor__, other)

    def rotl(self, amount: Value | int) -> Sequence:
        return self._same(Number.rotl, amount)

    def insert(self, msb: int, lsb: int, field: Value) -> Sequence:
        return self._same(lambda here, there: here.insert(msb, lsb, there), field)

    def count_leading_zeros(self) -> Sequence:
        return self._same(Number.count_leading_zeros)

    def reverse_bits(self) -> Sequence:
        return self._same(Number.reverse_bits)

    def reverse_bytes(self) -> Sequence:
        return self._same(Number.reverse_bytes)

    def reverse_bytes_in_halves(self) -> Sequence:
        return self._same(Number.reverse_bytes_in_halves)

    def _new(self, v: int, change: Change = UNCHANGED, width: int = 0) -> Sequence:
        return Sequence(self._horizon, v, change, width or self.width)

    def _of(self, other: Value | int) -> Sequence:
        if isinstance(other, int):
            return self._new(other)
        assert isinstance(other, Sequence)
        return other

    def _plus(self, other: Value | int, factor: int) -> Sequence:
        added = self._of(other)
        return self._new(self.v + factor * added.v, self.change.plus(added.change, factor))

    def _same(self, operation: Callable[..., Number], *others: Value | int) -> Sequence:
        result = operation(self.constant(), *(self._of(other).constant() for other in others))
        return self._new(result.v, width=result.WIDTH)

    def _field(self, value: int, low: int, high: int, lsb: int) -> Sequence:
        """Bits `lsb` and up of a value that is within low..high, and stays there."""
        change, unit = self.change, 1 << lsb
        if change is UNCHANGED:
            return self._new(value >> lsb)
        if change.step % unit or any(factor % unit for factor in change.courses.values()):
            low = value >> lsb << lsb  # only as long as these bits are what they are
            self._horizon.keep(value, change, low, low + unit - 1)
            return self._new(value >> lsb)
        self._horizon.keep(value, change, low, high)
        if not lsb:
            return self._new(value, change)
        shifted = {key: factor >> lsb for key, factor in change.courses.items()}
        return self._new(value >> lsb, Change(change.step >> lsb, shifted))

    def _less(self, one: Sequence, other: Sequence, *, signed: bool) -> Sequence:
        """Compare two that stay within their range as signed or unsigned values."""
        sign = 1 << self.width - 1 if signed else 0
        left, right = ((side.v ^ sign) - sign for side in (one, other))
        is_less = left < right
        change = one.change.plus(other.change, -1)
        self._horizon.keep(left - right, change, -_FAR if is_less else 0, -1 if is_less else _FAR)
        return self._new(is_less, width=32)
