"""A button alone."""

from __future__ import annotations

import pytest
from support.parts import Bench

from emu.parts.button import Button


@pytest.mark.parametrize("active_high", [False, True])
def test_it_makes_its_level_while_it_is_pressed(active_high: bool) -> None:
    bench = Bench("pin")
    button = bench.attach(Button(active_high=active_high))
    pin = bench.pins["pin"]
    for _ in range(2):
        assert (pin.level, button.is_pressed) == (not active_high, False)
        button.press()
        assert (pin.level, button.is_pressed) == (active_high, True)
        button.release()


def test_without_a_resistor_the_chip_makes_the_level() -> None:
    bench = Bench("pin")
    bench.attach(Button(active_high=True, pull=False))
    assert bench.pins["pin"].outside is None


def test_a_worn_contact_bounces() -> None:
    bench = Bench("pin")
    button = bench.attach(Button(bounces=2))
    heard: list[tuple[int, bool]] = []
    bench.pins["pin"].net.listen("test", lambda level: heard.append((bench.clock.now_ns, level)))
    button.press()
    bench.clock.advance(10_000_000)
    half_ms = 500_000
    assert heard == [(n * half_ms, n % 2 == 1) for n in range(5)]
    assert not bench.pins["pin"].level
