"""`Value` on Python ints: `Word` of 32 bits, `Double` of 64."""
# ruff: noqa: D102 - documented in Value

from __future__ import annotations

from typing import Self

from emu.isa.ops import Value
from emu.isa.state import MASK32

MASK64 = 0xFFFF_FFFF_FFFF_FFFF


class Number(Value):
    """What both widths share; `v` is the value, always masked to `WIDTH` bits."""

    __slots__ = ("v",)
    WIDTH = 0
    MASK = 0

    def __init__(self, v: int) -> None:
        self.v = v & self.MASK

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.v:#x})"

    def __add__(self, other: Value | int) -> Self:
        return type(self)(self.v + number(other))

    def __sub__(self, other: Value | int) -> Self:
        return type(self)(self.v - number(other))

    def __mul__(self, other: Value | int) -> Self:
        return type(self)(self.v * number(other))

    def __and__(self, other: Value | int) -> Self:
        return type(self)(self.v & number(other))

    def __or__(self, other: Value | int) -> Self:
        return type(self)(self.v | number(other))

    def __xor__(self, other: Value | int) -> Self:
        return type(self)(self.v ^ number(other))

    def __invert__(self) -> Self:
        return type(self)(~self.v)

    def shl(self, amount: Value | int) -> Self:
        return type(self)(self.v << (number(amount) & 63))

    def shr(self, amount: Value | int) -> Self:
        return type(self)(self.v >> (number(amount) & 63))

    def sar(self, amount: Value | int) -> Self:
        return type(self)(self.signed() >> (number(amount) & 63))

    def rotl(self, amount: Value | int) -> Self:
        count = number(amount) & 31
        return type(self)(self.v << count | self.v >> (self.WIDTH - count))

    def eq(self, other: Value | int) -> Word:
        return Word(self.v == self._other(other))

    def ne(self, other: Value | int) -> Word:
        return Word(self.v != self._other(other))

    def ult(self, other: Value | int) -> Word:
        return Word(self.v < self._other(other))

    def uge(self, other: Value | int) -> Word:
        return Word(self.v >= self._other(other))

    def slt(self, other: Value | int) -> Word:
        return Word(self.signed() < type(self)(number(other)).signed())

    def sge(self, other: Value | int) -> Word:
        return Word(self.signed() >= type(self)(number(other)).signed())

    def bits(self, msb: int, lsb: int) -> Self:
        return type(self)(self.v >> lsb & (1 << msb - lsb + 1) - 1)

    def signed_bits(self, msb: int, lsb: int) -> Self:
        sign = 1 << msb - lsb
        return type(self)((self.v >> lsb & (sign << 1) - 1 ^ sign) - sign)

    def insert(self, msb: int, lsb: int, field: Value) -> Self:
        mask = (1 << msb - lsb + 1) - 1 << lsb
        return type(self)(self.v & ~mask | number(field) << lsb & mask)

    def count_leading_zeros(self) -> Self:
        return type(self)(self.WIDTH - self.v.bit_length())

    def reverse_bits(self) -> Self:
        return type(self)(int(f"{self.v:0{self.WIDTH}b}"[::-1], 2))

    def reverse_bytes(self) -> Self:
        return type(self)(int.from_bytes(self.v.to_bytes(self.WIDTH // 8, "little"), "big"))

    def reverse_bytes_in_halves(self) -> Self:
        even = 0x00FF_00FF_00FF_00FF
        return type(self)((self.v & even) << 8 | self.v >> 8 & even)

    def saturate_signed(self, bits: int) -> Word:
        limit = 1 << bits - 1
        return Word(max(-limit, min(self.signed(), limit - 1)))

    def saturate_unsigned(self, bits: int) -> Word:
        return Word(max(0, min(self.signed(), (1 << bits) - 1)))

    def zero_extend_64(self) -> Double:
        return Double(self.v)

    def sign_extend_64(self) -> Double:
        return Double(self.signed())

    def low(self) -> Word:
        return Word(self.v)

    def high(self) -> Word:
        return Word(self.v >> 32)

    def signed(self) -> int:
        """The value read as two's complement."""
        return self.v - (self.v >> (self.WIDTH - 1) << self.WIDTH)

    def _other(self, other: Value | int) -> int:
        return number(other) & self.MASK


class Word(Number):
    """A 32-bit value."""

    __slots__ = ()
    WIDTH = 32
    MASK = MASK32


class Double(Number):
    """A 64-bit value."""

    __slots__ = ()
    WIDTH = 64
    MASK = MASK64


def number(value: Value | int) -> int:
    """Give the plain int of an operand."""
    if type(value) is int:
        return value
    assert isinstance(value, Number)
    return value.v
