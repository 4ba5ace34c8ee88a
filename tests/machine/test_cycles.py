"""Cycles per instruction, by memory, as whole units of cost."""

from __future__ import annotations

from fractions import Fraction

import pytest

from emu.cycles import MEASURED, Costs, CyclesPerInstruction, costs_of


@pytest.mark.parametrize(
    ("cycles", "costs"),
    [
        (1, Costs(1, 1, Fraction(1))),
        (Fraction(7, 3), Costs(1, 1, Fraction(7, 3))),
        ({"flash": 4, "ram": 2}, Costs(2, 1, Fraction(2))),
        ({"flash": Fraction(4, 3), "ram": Fraction(5, 4)}, Costs(16, 15, Fraction(1, 12))),
    ],
)
def test_costs_have_the_largest_unit_that_fits_both(cycles: CyclesPerInstruction, costs: Costs) -> None:
    assert costs_of(cycles) == costs


def test_a_memory_that_is_not_named_has_its_measured_cycles() -> None:
    assert costs_of({"ram": 1}) == costs_of({**MEASURED, "ram": 1})


def test_the_finest_that_translated_code_can_count() -> None:
    assert costs_of({"flash": Fraction(9_999, 10_000), "ram": 1}).ram == 10_000
    with pytest.raises(ValueError, match="no unit that both are up to 10000 of"):
        costs_of({"flash": Fraction(10_000, 10_001), "ram": 1})
