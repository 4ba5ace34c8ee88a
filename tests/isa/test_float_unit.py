"""The FPU's arithmetic against rational numbers, and where it goes its own way."""

from __future__ import annotations

import random
from fractions import Fraction
from math import isqrt

import pytest

from emu.engine.float_unit import DEFAULT_NAN, INFINITY, Flag, FloatUnit
from emu.isa.ops import Rounding
from emu.isa.single_precision import ONE, SIGN

LARGEST, SMALLEST, DENORMAL = 0x7F7F_FFFF, 0x0080_0000, 0x0000_0001
QUIET, SIGNALLING = 0x7FC0_1234, 0x7F80_5678
ROUNDINGS = pytest.mark.parametrize("rounding", Rounding)


def control(rounding: Rounding) -> int:
    return rounding << 24


def fraction(bits: int) -> Fraction:
    """The number that a pattern of 0 or a normal float stands for."""
    if not bits & INFINITY:
        return Fraction(0)
    magnitude = Fraction(bits & 0x7F_FFFF | 0x80_0000) * Fraction(2) ** ((bits >> 23 & 0xFF) - 150)
    return -magnitude if bits & SIGN else magnitude


def neighbour(bits: int, step: int) -> int:
    """The next normal float upwards (1) or downwards (-1)."""
    return bits + (step if not bits & SIGN else -step)


def random_float(rng: random.Random) -> int:
    exponent = rng.choice((rng.randrange(90, 165), 127, 127 + rng.randrange(26)))
    mantissa = rng.choice((rng.getrandbits(23), 0, 0x7F_FFFF, 1, rng.getrandbits(23) & 0x7F_F000))
    return rng.getrandbits(1) << 31 | exponent << 23 | mantissa


def assert_rounded(result: int, exact: Fraction, rounding: Rounding) -> None:
    """`result` is the float that `rounding` takes for `exact`."""
    found = fraction(result)
    below, above = (neighbour(result, step) for step in (-1, 1))
    if rounding is Rounding.ZERO:
        rounding = Rounding.DOWN if exact > 0 else Rounding.UP
    if rounding is Rounding.DOWN:
        assert found <= exact < fraction(above)
    elif rounding is Rounding.UP:
        assert fraction(below) < exact <= found
    else:
        distance = abs(found - exact)
        nearest = min(abs(fraction(other) - exact) for other in (below, above))
        assert distance < nearest or (distance == nearest and not result & 1)


@ROUNDINGS
@pytest.mark.parametrize(
    ("operation", "exactly"),
    [
        (FloatUnit.add, lambda x, y: x + y),
        (FloatUnit.subtract, lambda x, y: x - y),
        (FloatUnit.multiply, lambda x, y: x * y),
        (FloatUnit.divide, lambda x, y: x / y),
    ],
    ids=["add", "subtract", "multiply", "divide"],
)
def test_results_are_the_exact_ones_rounded(operation, exactly, rounding: Rounding) -> None:  # type: ignore[no-untyped-def]
    rng = random.Random(f"{operation.__name__} {rounding}")
    for _ in range(300):
        x, y = random_float(rng), random_float(rng)
        unit = FloatUnit(control(rounding))
        result, exact = operation(unit, x, y), exactly(fraction(x), fraction(y))
        if exact:
            assert_rounded(result, exact, rounding)
        assert bool(unit.flags & Flag.INEXACT) == (fraction(result) != exact)


@ROUNDINGS
def test_square_roots_are_the_exact_ones_rounded(rounding: Rounding) -> None:
    rng = random.Random(rounding)
    for _ in range(300):
        x = random_float(rng) & ~SIGN
        unit = FloatUnit(control(rounding))
        result, square = unit.square_root(x), fraction(x)
        scaled = square * 2**400  # so many digits that only an exact square has a rest of 0
        root = Fraction(isqrt(scaled.numerator // scaled.denominator), 2**200)
        exact = root if root * root == square else root + Fraction(1, 2**201)
        assert_rounded(result, exact, rounding)
        assert bool(unit.flags & Flag.INEXACT) == (fraction(result) ** 2 != square)


@ROUNDINGS
def test_integers_are_rounded_both_ways(rounding: Rounding) -> None:
    rng = random.Random(rounding)
    for _ in range(300):
        number = rng.getrandbits(rng.randrange(1, 33)) or 1
        unit = FloatUnit(control(rounding))
        assert_rounded(unit.from_unsigned(number), Fraction(number), rounding)
        signed = number - (number >> 31 << 32)
        assert_rounded(unit.from_signed(number), Fraction(signed), rounding)
        x = random_float(rng)
        exact, result = fraction(x), FloatUnit().to_signed(x, rounding)
        if abs(exact) < 2**31 - 1:
            wanted = {
                Rounding.NEAREST: round(exact),
                Rounding.ZERO: int(exact),
                Rounding.UP: -(-exact // 1),
                Rounding.DOWN: exact // 1,
            }
            assert result == wanted[rounding]


@pytest.mark.parametrize(
    ("x", "rounding", "signed", "unsigned"),
    [
        (0x4F00_0000, Rounding.ZERO, 0x7FFF_FFFF, 0x8000_0000),  # 2^31
        (0xCF00_0000, Rounding.ZERO, -0x8000_0000, 0),
        (INFINITY, Rounding.ZERO, 0x7FFF_FFFF, 0xFFFF_FFFF),
        (INFINITY | SIGN, Rounding.ZERO, -0x8000_0000, 0),
        (0xBF00_0000, Rounding.NEAREST, 0, 0),  # -0.5
        (0xBF00_0000, Rounding.DOWN, -1, 0),
        (QUIET, Rounding.ZERO, 0, 0),
    ],
)
def test_integers_saturate(x: int, rounding: Rounding, signed: int, unsigned: int) -> None:
    assert FloatUnit().to_signed(x, rounding) == signed
    assert FloatUnit().to_unsigned(x, rounding) == unsigned


def test_an_integer_out_of_range_is_invalid_and_not_inexact() -> None:
    unit = FloatUnit()
    unit.to_unsigned(0xC020_0000, Rounding.ZERO)
    assert unit.flags == Flag.INVALID
    unit = FloatUnit()
    unit.to_unsigned(QUIET, Rounding.ZERO)
    assert unit.flags == 0


@pytest.mark.parametrize(
    ("rounding", "positive", "negative"),
    [
        (Rounding.NEAREST, INFINITY, INFINITY),
        (Rounding.ZERO, LARGEST, LARGEST),
        (Rounding.UP, INFINITY, LARGEST),
        (Rounding.DOWN, LARGEST, INFINITY),
    ],
)
def test_what_is_too_large_becomes_infinite_or_stays_the_largest(
    rounding: Rounding, positive: int, negative: int
) -> None:
    unit = FloatUnit(control(rounding))
    assert unit.multiply(LARGEST, LARGEST) == positive
    assert unit.multiply(LARGEST, LARGEST | SIGN) == negative | SIGN
    assert unit.flags == Flag.OVERFLOW | Flag.INEXACT


def test_what_is_too_small_for_a_normal_number_is_taken_and_given_as_zero() -> None:
    unit = FloatUnit()
    assert unit.add(DENORMAL, SIGN) == 0
    assert unit.flags == Flag.DENORMAL_INPUT
    unit = FloatUnit()
    assert unit.multiply(SMALLEST | SIGN, 0x3F7F_FFFF) == SIGN
    assert unit.flags == 0


def test_flushing_can_give_the_smallest_normal_number_instead() -> None:
    unit = FloatUnit(1 << 27)
    assert unit.multiply(SMALLEST | SIGN, 0x3F00_0000) == SMALLEST | SIGN
    assert unit.add(DENORMAL, 0) == SMALLEST


@pytest.mark.parametrize(
    ("x", "y", "chosen"),
    [
        (QUIET, ONE, QUIET),
        (ONE, SIGNALLING, SIGNALLING | 0x40_0000),
        (SIGNALLING, 0xFFC0_0001, 0xFFC0_0001),
        (QUIET, QUIET + 1, QUIET + 1),
        (QUIET | SIGN, QUIET, QUIET),
    ],
)
def test_a_nan_keeps_its_payload(x: int, y: int, chosen: int) -> None:
    for operation in (FloatUnit.add, FloatUnit.subtract, FloatUnit.multiply, FloatUnit.divide):
        unit = FloatUnit()
        assert operation(unit, x, y) == chosen
        assert operation(unit, y, x) == chosen
        assert unit.flags == (Flag.INVALID if SIGNALLING in (x, y) else 0)


@pytest.mark.parametrize(
    ("operation", "x", "y"),
    [
        (FloatUnit.add, INFINITY, INFINITY | SIGN),
        (FloatUnit.subtract, INFINITY, INFINITY),
        (FloatUnit.multiply, INFINITY, 0),
        (FloatUnit.divide, 0, 0),
        (FloatUnit.divide, INFINITY, INFINITY),
    ],
)
def test_what_has_no_result_is_invalid(operation, x: int, y: int) -> None:  # type: ignore[no-untyped-def]
    unit = FloatUnit()
    assert operation(unit, x, y) == DEFAULT_NAN
    assert unit.flags == Flag.INVALID


def test_dividing_by_zero_gives_infinity() -> None:
    unit = FloatUnit()
    assert unit.divide(ONE | SIGN, 0) == INFINITY | SIGN
    assert unit.flags == Flag.DIVIDE_BY_ZERO
    unit = FloatUnit()
    assert unit.divide(INFINITY, 0) == INFINITY
    assert unit.divide(ONE, INFINITY | SIGN) == SIGN
    assert unit.flags == 0


@pytest.mark.parametrize(("x", "root"), [(SIGN, SIGN), (INFINITY, INFINITY), (ONE | SIGN, DEFAULT_NAN)])
def test_square_roots_of_what_is_not_positive(x: int, root: int) -> None:
    assert FloatUnit().square_root(x) == root


@pytest.mark.parametrize(
    ("x", "y", "down", "otherwise"),
    [(ONE, ONE | SIGN, SIGN, 0), (0, SIGN, SIGN, 0), (SIGN, SIGN, SIGN, SIGN), (0, 0, 0, 0)],
)
def test_the_sign_of_a_sum_of_zero(x: int, y: int, down: int, otherwise: int) -> None:
    assert FloatUnit().add(x, y) == otherwise
    assert FloatUnit(control(Rounding.DOWN)).add(x, y) == down


@pytest.mark.parametrize(
    ("x", "y", "order"),
    [(ONE, 0x4000_0000, -1), (ONE | SIGN, ONE, -1), (0, SIGN, 0), (DENORMAL, 0, 0), (INFINITY, ONE, 1)],
)
def test_comparisons(x: int, y: int, order: int) -> None:
    unit = FloatUnit()
    assert unit.less(x, y) == (order < 0)
    assert unit.less_or_equal(x, y) == (order <= 0)
    assert unit.equal(x, y) == (order == 0)
    assert unit.unordered(x, y) == 0


def test_ordering_a_nan_is_invalid_and_asking_whether_it_is_equal_is_not() -> None:
    for nan, quiet_flags in ((QUIET, 0), (SIGNALLING, Flag.INVALID)):
        unit = FloatUnit()
        assert (unit.equal(nan, nan), unit.unordered(ONE, nan), unit.flags) == (0, 1, quiet_flags)
        assert (unit.less(nan, ONE), unit.less_or_equal(ONE, nan), unit.flags) == (0, 0, Flag.INVALID)
