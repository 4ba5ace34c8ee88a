from __future__ import annotations

from fractions import Fraction

import pytest

from emu.cycles import CyclesPerInstruction, costs_of, parse_cycles


@pytest.mark.parametrize(
    ("text", "cycles"),
    [
        ("2", 2),
        ("1.5", Fraction(3, 2)),
        ("4/3", Fraction(4, 3)),
        ("flash=2,ram=1", {"flash": 2, "ram": 1}),
        ("ram=0.5", {"ram": Fraction(1, 2)}),
    ],
)
def test_a_number_is_for_all_code_and_a_name_for_that_in_one_memory(
    text: str, cycles: CyclesPerInstruction
) -> None:
    assert parse_cycles(text) == cycles


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "-1",
        "two",
        "1e3",
        "4/0",
        "0/4",
        "1_0",
        "9" * 7,
        "flash",
        "flash=",
        "flash=0",
        "rom=1",
        "flash=1,flash=2",
        "flash=1,",
        "2,ram=1",
        "flash = 2",
    ],
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no cycles per instruction such as 2, 1.5"):
        parse_cycles(text)


@pytest.mark.parametrize(
    ("number", "cycles"), [(2, Fraction(2)), (1.5, Fraction(3, 2)), (1.1, Fraction(11, 10))]
)
def test_a_float_is_the_fraction_that_is_meant(number: float, cycles: Fraction) -> None:
    costs = costs_of(number)
    assert costs.flash * costs.cycles_per_unit == cycles


@pytest.mark.parametrize("number", [0, -1, 0.0, float("nan"), float("inf"), 1e-9])
def test_what_is_no_number_of_cycles_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="is no number of cycles above 0"):
        costs_of(number)
