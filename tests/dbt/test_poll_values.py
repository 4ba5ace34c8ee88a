"""Formulas of a round's number give what the same operations on the numbers of that round give."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emu.engine.poll_values import UNCHANGED, Change, Course, Horizon, Sequence
from emu.engine.values import Number, Word
from emu.isa.ops import NotInThisBackEndError, Value

MOST_ROUNDS = 1000
SHARES = (0, 1, 2, 3, 5, 10, 100, 1000)
"""Which rounds are looked at, in thousandths of those that are promised."""

Operation = Callable[[Value, Value], Value]
OPERATIONS: dict[str, Operation] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "&": lambda a, b: a & b,
    "& 0xFF": lambda a, b: a & 0xFF,
    "& 0xFFFFFF": lambda a, b: a & 0xFF_FFFF,
    "& 0xF0F0": lambda a, b: a & 0xF0F0,
    "== 0": lambda a, b: a.eq(0),
    "< 12": lambda a, b: a.ult(12),
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "~": lambda a, b: ~a,
    "shl 3": lambda a, b: a.shl(3),
    "shl 33": lambda a, b: a.shl(33),
    "shl 8, shr 8": lambda a, b: a.shl(8).shr(8),
    "shr 5": lambda a, b: a.shr(5),
    "sar 4": lambda a, b: a.sar(4),
    "rotl": lambda a, b: a.rotl(b),
    "eq": lambda a, b: a.eq(b),
    "ne": lambda a, b: a.ne(b),
    "ult": lambda a, b: a.ult(b),
    "uge": lambda a, b: a.uge(b),
    "slt": lambda a, b: a.slt(b),
    "sge": lambda a, b: a.sge(b),
    "bits": lambda a, b: a.bits(11, 4),
    "signed_bits": lambda a, b: a.signed_bits(15, 0),
    "insert": lambda a, b: a.insert(7, 0, b),
    "leading zeros": lambda a, b: a.count_leading_zeros(),
    "64-bit sum, low": lambda a, b: (a.zero_extend_64() + b.zero_extend_64()).low(),
    "64-bit sum, high": lambda a, b: (a.zero_extend_64() + b.zero_extend_64()).high(),
    "64-bit product": lambda a, b: (a.sign_extend_64() * b.sign_extend_64()).low(),
    "64-bit ult": lambda a, b: a.sign_extend_64().slt(b.sign_extend_64()),
}

words = st.integers(0, 0xFFFF_FFFF) | st.integers(-300, 300) | st.integers(0x7FFF_FF00, 0x8000_0100)
lines = st.builds(
    lambda start, rise, run: partial(_on_line, start, rise, run),
    st.integers(-1000, 1 << 32),
    st.integers(-2000, 2000),
    st.integers(1, 50),
)
steps = st.integers(-300, 300) | st.sampled_from((1 << 30, -1 << 31, 0x0101_0101))
inputs = st.tuples(words, st.none() | steps | st.tuples(st.integers(0, 1), st.integers(0, 1)))
"""A value and its step, or the line that it is on, and how many rounds ago it was read."""
recipes = st.lists(
    st.tuples(st.sampled_from(sorted(OPERATIONS)), st.integers(0, 9), st.integers(0, 9)),
    min_size=1,
    max_size=8,
)


def _on_line(start: int, rise: int, run: int, elapsed: int) -> int:
    return start + elapsed * rise // run


def horizon_of(rounds: int) -> Horizon:
    horizon = Horizon()
    horizon.end(rounds)
    return horizon


def course_of(value_at: Callable[[int], int], elapsed: int, round_cost: int) -> Course:
    course = Course()
    course.begin(value_at, elapsed, round_cost)
    return course


def change_of(course: int | tuple[int, int] | None, courses: list[Course]) -> Change:
    if isinstance(course, tuple):
        which, ago = course
        return Change(courses={(courses[which], ago): 1})
    return Change(course) if course else UNCHANGED


def computed(values: list[Value], recipe: list[tuple[str, int, int]]) -> list[Value]:
    """All values on the way."""
    for name, one, other in recipe:
        values.append(OPERATIONS[name](values[one % len(values)], values[other % len(values)]))
    return values


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(inputs, min_size=1, max_size=4), st.lists(lines, min_size=2, max_size=2), recipes)
def test_formulas_are_right_in_all_rounds_up_to_the_horizon(
    given_inputs: list[tuple[int, int | tuple[int, int] | None]],
    values_at: list[Callable[[int], int]],
    recipe: list[tuple[str, int, int]],
) -> None:
    horizon = horizon_of(MOST_ROUNDS)
    courses = [course_of(value_at, 40, 7) for value_at in values_at]
    changes = [change_of(course, courses) for _, course in given_inputs]
    begun: list[Value] = [
        Sequence(horizon, value, change) for (value, _), change in zip(given_inputs, changes, strict=True)
    ]
    try:
        formulas = computed(begun, recipe)
    except NotInThisBackEndError:
        return
    for number in {horizon.rounds * share // 1000 for share in SHARES}:
        words: list[Value] = [
            Word(value + change.after(number))
            for (value, _), change in zip(given_inputs, changes, strict=True)
        ]
        for formula, right in zip(formulas, computed(words, recipe), strict=True):
            assert isinstance(formula, Sequence)
            assert isinstance(right, Number)
            assert (formula.v + formula.change.after(number)) & right.MASK == right.v


def counting(start: int, step: int, rounds: int = 1 << 40) -> tuple[Horizon, Sequence]:
    horizon = horizon_of(rounds)
    return horizon, Sequence(horizon, start, Change(step))


@pytest.mark.parametrize(
    ("start", "step", "use", "rounds"),
    [
        (5, 1, lambda n: n.ult(100), 94),  # 99 is less, 100 is not
        (5, 1, lambda n: n.uge(100), 94),
        (5, 3, lambda n: n.ult(100), 31),
        (100, -1, lambda n: n.ne(0), 99),
        (-5, 1, lambda n: n.ult(1000), 4),  # wraps
        (-5, 1, lambda n: n.slt(1000), 1004),
        (0x7FFF_FFF0, 1, lambda n: n.slt(0), 15),
        (-2, 1, lambda n: n.zero_extend_64(), 1),
        (7, 1, lambda n: n.eq(7), 0),
        (0x12, 0x100, lambda n: n & 0xFF, 0),  # the value is told to stay within the byte
        (0x10, 1, lambda n: n.shr(4), 15),
        (0x10, 1, lambda n: n & 0xFF, 239),
        (100, 1, lambda n: n.quotient(30), 19),
        (5, 1, lambda n: n + 1, 1 << 40),
    ],
)
def test_the_horizon_is_the_last_round_with_the_same_outcome(
    start: int, step: int, use: Callable[[Sequence], object], rounds: int
) -> None:
    horizon, count = counting(start, step)
    use(count)
    assert horizon.rounds == rounds


@pytest.mark.parametrize(
    "use",
    [
        lambda n: n | 1,
        lambda n: n ^ n,
        lambda n: n * n,
        lambda n: n & 0xF0,
        lambda n: n.rotl(1),
        lambda n: n.reverse_bits(),
        lambda n: n.saturate_signed(8),
    ],
)
def test_what_is_no_formula_is_refused(use: Callable[[Value], object]) -> None:
    _, count = counting(5, 1)
    with pytest.raises(NotInThisBackEndError):
        use(count)


def test_a_count_of_time_is_followed_exactly() -> None:
    """Of a slow one hundreds of rounds see the same value: the last of them is found."""
    horizon = horizon_of(1 << 40)
    milliseconds = course_of(lambda elapsed: elapsed // 1000, elapsed=500, round_cost=7)
    now = Sequence(horizon, 0, Change(courses={(milliseconds, 0): 1}))
    now.ult(20)
    last = (20_000 - 500 - 1) // 7
    assert horizon.rounds == last
    assert (milliseconds.at(last), milliseconds.at(last + 1)) == (19, 20)


def test_the_difference_of_two_reads_may_tremble() -> None:
    """What a round takes is 10 or 11 ticks: never 0, but nobody knows where it is less than 11."""
    horizon = horizon_of(1000)
    ticks = course_of(lambda elapsed: elapsed * 4 // 3, elapsed=0, round_cost=8)
    took = Sequence(horizon, 11, Change(courses={(ticks, 0): 1, (ticks, 1): -1}))
    took.ne(0)
    assert horizon.rounds == 1000
    took.ult(11)
    assert horizon.rounds == 0
