"""A serial line at a rate that fits nobody is noticed when it is used, once."""

from __future__ import annotations

import pytest
from cpu.program import code
from machine.device import SPIN, UART0, machine_of, send, store_word

APB_HZ = 40_000_000


def used_at(*sixteenths: int) -> list[str]:
    """What is noted when UART 0 sends a byte with each of these clocks a bit."""
    steps = [
        code(store_word(UART0 + 0x10, bits % 16 << 16 | bits // 16 - 1), send("x") * 2) for bits in sixteenths
    ]
    machine = machine_of(code(store_word(UART0, 0xC3), *steps, SPIN))
    machine.run_for(0.0002)
    return machine.notes


@pytest.mark.parametrize("rate", [9_600, 38_400, 57_600, 115_200, 460_800, 921_600, 2_000_000])
def test_usual_rates_are_nothing_to_tell(rate: int) -> None:
    assert used_at(round(APB_HZ / rate)) == []


@pytest.mark.parametrize(
    ("clocks", "told"),
    [
        (358, "uart0 is used at 111,732 baud, 3.0% below the nearest usual rate, 115,200: what is connected"),
        (337, "uart0 is used at 118,694 baud, 3.0% above the nearest usual rate, 115,200: what is connected"),
        (16, "uart0 is used at 2,500,000 baud, 25.0% above the nearest usual rate, 2,000,000: what is"),
        (0x10_0000, "uart0 is used at 38 baud, 87.3% below the nearest usual rate, 300: what is connected"),
    ],
)
def test_other_rates_are_told_with_the_nearest_usual_one(clocks: int, told: str) -> None:
    (note,) = used_at(clocks)
    assert note.startswith(told)


def test_a_rate_is_told_once_for_each_uart() -> None:
    assert len(used_at(358, 358, 336, 20)) == 1


def test_what_is_set_and_never_used_is_not_told() -> None:
    machine = machine_of(code(store_word(UART0, 0xC3), store_word(UART0 + 0x10, 0x3000), SPIN))
    machine.run_for(0.0002)
    assert machine.notes == []


def test_a_line_that_only_receives_is_told_too() -> None:
    machine = machine_of(code(store_word(UART0 + 0x10, 0x3000), store_word(UART0, 0x83), SPIN))
    machine.uart0.write("x")
    machine.run_for(0.0002)
    assert len(machine.notes) == 1
