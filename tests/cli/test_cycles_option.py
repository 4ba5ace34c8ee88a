from __future__ import annotations

from fractions import Fraction

import click
import pytest

from emu.cli.cycles import parse_cycles
from emu.cycles import CyclesPerInstruction


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
    with pytest.raises(click.BadParameter, match=r"is no cycles per instruction such as 2, 1.5"):
        parse_cycles(text)
