"""The results that programs/float compares with are those of this machine's own arithmetic.

A double holds every sum, product, quotient and square root of singles well enough that rounding it once more
gives the correctly rounded single (Figueroa, "When is double rounding innocuous?", SIGNUM 1995).
"""

from __future__ import annotations

import math
import operator
import re
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

FLOAT = Path(__file__).parent / "programs" / "float"
VECTOR = re.compile(r"^VECTOR\((\w+), +(\w+), (\w+), (\w+)\)", re.MULTILINE)
RESULT = re.compile(r"^#define (\w+) +(0x[0-9A-F]+)", re.MULTILINE)


def single(value: float) -> float:
    """The nearest single-precision number; an infinity where there is none."""
    try:
        rounded: float = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return rounded


def of_bits(bits: int) -> float:
    value: float = struct.unpack("f", struct.pack("I", bits))[0]
    return value


def bits_of(value: float) -> int:
    bits: int = struct.unpack("I", struct.pack("f", single(value)))[0]
    return bits


def double_bits(value: float) -> int:
    bits: int = struct.unpack("Q", struct.pack("d", value))[0]
    return bits


def signed(bits: int) -> int:
    return bits - (bits >> 31 << 32)


def quotient(a: float, b: float) -> float:
    return a / b if b else math.copysign(math.inf, a) * math.copysign(1, b)


def arithmetic(operation: Callable[[float, float], float]) -> Callable[[int, int], int]:
    return lambda a, b: bits_of(operation(of_bits(a), of_bits(b)))


def comparison(operation: Callable[[float, float], bool]) -> Callable[[int, int], int]:
    return lambda a, b: int(operation(of_bits(a), of_bits(b)))


OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "add": arithmetic(operator.add),
    "subtract": arithmetic(operator.sub),
    "multiply": arithmetic(operator.mul),
    "divide": arithmetic(quotient),
    "less": comparison(operator.lt),
    "equal": comparison(operator.eq),
    "to_int": lambda a, b: int(of_bits(a)) & 0xFFFF_FFFF,
    "to_uint": lambda a, b: int(of_bits(a)),
    "from_int": lambda a, b: bits_of(signed(a)),
    "from_uint": lambda a, b: bits_of(a),
}


@pytest.mark.parametrize("vector", VECTOR.findall((FLOAT / "vectors.h").read_text()), ids=" ".join)
def test_a_vector_is_what_this_machine_computes(vector: tuple[str, str, str, str]) -> None:
    operation, a, b, result = vector
    assert f"{OPERATIONS[operation](int(a, 0), int(b, 0)):#x}" == f"{int(result, 0):#x}"


def dot_product() -> float:
    total, tenth = 0.0, single(0.1)
    for i in range(1, 17):
        total = single(total + single(single(1 / i) * single(i * tenth)))
    return total


def square_root(x: float) -> float:
    root = 1.0
    for _ in range(8):
        root = single(single(root + single(x / root)) * 0.5)
    return root


def exponential(x: float) -> float:
    total, term = 0.0, 1.0
    for i in range(1, 13):
        total = single(total + term)
        term = single(single(term * x) / i)
    return total


def escape_time(real: float, imaginary: float) -> int:
    x = y = 0.0
    time = 0
    while time < 8 and single(single(x * x) + single(y * y)) < 4:
        next_x = single(single(single(x * x) - single(y * y)) + real)
        y = single(single(single(x * y) * 2) + imaginary)
        x = next_x
        time += 1
    return time


def escape_times() -> int:
    total, step = 0, single(0.3)
    for row in range(4):
        for column in range(4):
            total = total * 3 + escape_time(column * 0.75 - 2, single(single(row * step) - 0.5)) & 0xFFFF_FFFF
    return total


def arc_tangent(x: float) -> float:
    total, power = 0.0, x
    for i in range(1, 16, 2):
        total += power / i if i % 4 == 1 else -(power / i)
        power = power * x * x
    return total


def test_the_results_of_the_calculations_are_those_of_this_machine() -> None:
    results = dict(RESULT.findall((FLOAT / "calculations.h").read_text()))
    pi = 4 * (4 * arc_tangent(1 / 5) - arc_tangent(1 / 239))
    assert {name: int(number, 0) for name, number in results.items()} == {
        "DOT_PRODUCT": bits_of(dot_product()),
        "SQUARE_ROOT_OF_2": bits_of(square_root(2)),
        "EXPONENTIAL_OF_1": bits_of(exponential(1)),
        "ESCAPE_TIMES": escape_times(),
        "PI": double_bits(pi),
    }
    assert math.isclose(pi, math.pi, rel_tol=1e-12)
