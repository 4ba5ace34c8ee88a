"""Single-precision arithmetic on bit patterns, exact in every bit, on Python ints.

It does what the vendor's simulator does with FCR = 0 (QEMU's soft-float in its defaults): numbers too small
to be normal are taken and given as zeros, NaNs keep their payload. Rounding and flushing follow FCR as
glibc's fpu_control.h for C-SKY describes it.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt
from typing import Final

from emu.isa.ops import Rounding
from emu.isa.single_precision import SIGN

INFINITY: Final = 0x7F80_0000
QUIET: Final = 0x0040_0000
DEFAULT_NAN: Final = 0x7FC0_0000
_LARGEST: Final = 0x7F7F_FFFF
_SMALLEST: Final = 0x0080_0000
_FRACTION: Final = 0x007F_FFFF


class Flag:
    """The exceptions: FCR[5:0] enables them; they show in FESR[5:0] and, added up, in FESR[13:8]."""

    INVALID = 1
    DIVIDE_BY_ZERO = 2
    OVERFLOW = 4
    UNDERFLOW = 8
    INEXACT = 16
    DENORMAL_INPUT = 32
    ALL = 63


class FloatUnit:
    """The FPU in the mode that `control` (FCR) sets; `flags` collects what the operations raise."""

    def __init__(self, control: int = 0) -> None:
        self.flags = 0
        self._rounding = Rounding(control >> 24 & 3)
        # GUESS: FCR[27] flushes to the smallest normal number, as glibc says; the simulator stops flushing.
        self._flushed = _SMALLEST if control >> 27 & 1 else 0

    # ---- arithmetic ----------------------------------------------------------------------------

    def add(self, x: int, y: int) -> int:
        """x + y."""
        return self._sum(x, y, 0)

    def subtract(self, x: int, y: int) -> int:
        """x - y."""
        return self._sum(x, y, SIGN)

    def _sum(self, x: int, y: int, flip: int) -> int:
        x, y = self._operand(x), self._operand(y)
        if _is_nan(x) or _is_nan(y):
            return self._propagated(x, y)
        y ^= flip
        if _is_infinite(x):
            return self._invalid() if y == x ^ SIGN else x
        if _is_infinite(y):
            return y
        (a, a_exponent), (b, b_exponent) = _parts(x), _parts(y)
        exponent = min(a_exponent, b_exponent)
        total = a << a_exponent - exponent if x < SIGN else -a << a_exponent - exponent
        total += b << b_exponent - exponent if y < SIGN else -b << b_exponent - exponent
        if total == 0:
            negative = x & y & SIGN if a == b == 0 else 0
            return SIGN if negative or (x ^ y and self._rounding is Rounding.DOWN) else 0
        return self._rounded(SIGN if total < 0 else 0, abs(total), exponent)

    def multiply(self, x: int, y: int) -> int:
        """x * y."""
        x, y = self._operand(x), self._operand(y)
        if _is_nan(x) or _is_nan(y):
            return self._propagated(x, y)
        sign = (x ^ y) & SIGN
        (a, a_exponent), (b, b_exponent) = _parts(x), _parts(y)
        if _is_infinite(x) or _is_infinite(y):
            return sign | INFINITY if a and b else self._invalid()
        return self._rounded(sign, a * b, a_exponent + b_exponent) if a and b else sign

    def divide(self, x: int, y: int) -> int:
        """x / y."""
        x, y = self._operand(x), self._operand(y)
        if _is_nan(x) or _is_nan(y):
            return self._propagated(x, y)
        sign = (x ^ y) & SIGN
        (a, a_exponent), (b, b_exponent) = _parts(x), _parts(y)
        if _is_infinite(x):
            return self._invalid() if _is_infinite(y) else sign | INFINITY
        if not b:
            self.flags |= Flag.DIVIDE_BY_ZERO if a else Flag.INVALID
            return sign | INFINITY if a else DEFAULT_NAN
        if not a or _is_infinite(y):
            return sign
        quotient, rest = divmod(a << 30, b)
        return self._rounded(sign, quotient | (rest != 0), a_exponent - b_exponent - 30)

    def square_root(self, x: int) -> int:
        """The square root of x; -0 of -0."""
        x = self._operand(x)
        if _is_nan(x):
            return self._propagated(x, x)
        if x in (0, SIGN, INFINITY):
            return x
        if x & SIGN:
            return self._invalid()
        square, exponent = _parts(x)
        square <<= 32 + (exponent & 1)
        root = isqrt(square)
        return self._rounded(0, root | (root * root != square), (exponent >> 1) - 16)

    # ---- comparison ----------------------------------------------------------------------------

    def less(self, x: int, y: int) -> int:
        """Whether x < y; a NaN is an invalid operation."""
        return self._compared(x, y, lambda a, b: a < b, quiet=False)

    def less_or_equal(self, x: int, y: int) -> int:
        """Whether x <= y; a NaN is an invalid operation."""
        return self._compared(x, y, lambda a, b: a <= b, quiet=False)

    def equal(self, x: int, y: int) -> int:
        """Whether x = y."""
        return self._compared(x, y, lambda a, b: a == b, quiet=True)

    def unordered(self, x: int, y: int) -> int:
        """Whether there is a NaN."""
        return int(self._has_nan(x, y, quiet=True))

    def _compared(self, x: int, y: int, holds: Callable[[int, int], bool], *, quiet: bool) -> int:
        x, y = self._operand(x), self._operand(y)
        return 0 if self._has_nan(x, y, quiet) else int(holds(_order(x), _order(y)))

    def _has_nan(self, x: int, y: int, quiet: bool) -> bool:
        """A quiet comparison raises INVALID for signalling NaNs only."""
        nan = _is_nan(x) or _is_nan(y)
        if nan and (not quiet or _is_signalling(x) or _is_signalling(y)):
            self.flags |= Flag.INVALID
        return nan

    # ---- conversion ----------------------------------------------------------------------------

    def from_signed(self, number: int) -> int:
        """The float next to a two's complement number."""
        return self.from_unsigned(number) if number < SIGN else self._rounded(SIGN, 2 * SIGN - number, 0)

    def from_unsigned(self, number: int) -> int:
        """The float next to a number."""
        return self._rounded(0, number, 0) if number else 0

    def to_signed(self, x: int, rounding: Rounding) -> int:
        """The integer next to x, as two's complement; saturated, and 0 of a NaN."""
        return self._to_integer(x, rounding, -0x8000_0000, 0x7FFF_FFFF)

    def to_unsigned(self, x: int, rounding: Rounding) -> int:
        """The integer next to x; saturated, and 0 of a NaN."""
        return self._to_integer(x, rounding, 0, 0xFFFF_FFFF)

    def _to_integer(self, x: int, rounding: Rounding, low: int, high: int) -> int:
        x = self._operand(x)
        before = self.flags
        if _is_nan(x):
            return 0  # the simulator raises no flag for it
        sign, (magnitude, exponent) = x & SIGN, _parts(x)
        if exponent >= 0:
            magnitude <<= exponent
        else:
            magnitude = self._shifted(sign, magnitude, -exponent, rounding)
        number = -magnitude if sign else magnitude
        if low <= number <= high:
            return number
        self.flags = before | Flag.INVALID
        return low if sign else high

    # ---- parts ---------------------------------------------------------------------------------

    def _operand(self, x: int) -> int:
        if x & INFINITY or not x & _FRACTION:
            return x
        self.flags |= Flag.DENORMAL_INPUT
        return x & SIGN | self._flushed

    def _invalid(self) -> int:
        self.flags |= Flag.INVALID
        return DEFAULT_NAN

    def _propagated(self, x: int, y: int) -> int:
        """The NaN that comes out of x and y, as x87 chooses (QEMU's pickNaN without a rule of the target).

        A quiet one before a signalling one, then the one with the larger significand, then the positive one.
        """
        if _is_signalling(x) or _is_signalling(y):
            self.flags |= Flag.INVALID
        nans = [nan for nan in (x, y) if _is_nan(nan)]
        return max(nans, key=lambda nan: (nan & QUIET, nan & _FRACTION, not nan & SIGN)) | QUIET

    def _rounded(self, sign: int, magnitude: int, exponent: int) -> int:
        """Pack ±magnitude * 2^exponent, which is not 0; bit 0 also stands for anything below it."""
        shift = magnitude.bit_length() - 24
        biased = exponent + shift + 150
        if biased <= 0:  # before rounding; no flag tells
            return sign | self._flushed
        if shift > 0:
            magnitude = self._shifted(sign, magnitude, shift, self._rounding)
        else:
            magnitude <<= -shift
        packed = (biased - 1 << 23) + magnitude  # the leading 1, and a carry out of rounding, count there
        return sign | packed if packed < INFINITY else self._overflow(sign)

    def _overflow(self, sign: int) -> int:
        self.flags |= Flag.OVERFLOW | Flag.INEXACT
        towards_zero = (Rounding.ZERO, Rounding.UP if sign else Rounding.DOWN)
        return sign | (_LARGEST if self._rounding in towards_zero else INFINITY)

    def _shifted(self, sign: int, magnitude: int, shift: int, rounding: Rounding) -> int:
        """magnitude >> shift, rounded."""
        kept, rest = magnitude >> shift, magnitude & (1 << shift) - 1
        if not rest:
            return kept
        self.flags |= Flag.INEXACT
        if rounding is Rounding.NEAREST:
            half = 1 << shift - 1
            return kept + (rest > half or (rest == half and kept & 1))
        return kept + (rounding is (Rounding.DOWN if sign else Rounding.UP))


def _is_nan(x: int) -> bool:
    return x & ~SIGN > INFINITY


def _is_signalling(x: int) -> bool:
    return _is_nan(x) and not x & QUIET


def _is_infinite(x: int) -> bool:
    return x & ~SIGN == INFINITY


def _parts(x: int) -> tuple[int, int]:
    """(m, e) with |x| = m * 2^e, of an operand that is 0 or normal."""
    biased = x >> 23 & 0xFF
    return (x & _FRACTION | 1 << 23, biased - 150) if biased else (0, 0)


def _order(x: int) -> int:
    """A number that compares as the float does."""
    return -(x & ~SIGN) if x & SIGN else x
