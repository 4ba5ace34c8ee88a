"""A knob alone."""

from __future__ import annotations

import pytest
from support.parts import Bench

from emu.parts.rotary_encoder import RotaryEncoder


@pytest.mark.parametrize(("notches", "order"), [(1, "A0 B0 A1 B1"), (-1, "B0 A0 B1 A1")])
def test_a_notch_is_four_edges_in_an_order_that_tells_the_direction(notches: int, order: str) -> None:
    bench = Bench("a", "b")
    knob = bench.attach(RotaryEncoder())
    heard: list[tuple[int, str]] = []

    def hear(role: str) -> None:
        bench.pins[role].net.listen(
            "test", lambda level: heard.append((bench.clock.now_ns, f"{role.upper()}{level:d}"))
        )

    hear("a")
    hear("b")
    knob.turn(notches)
    bench.clock.advance(100_000_000)
    assert " ".join(edge for _, edge in heard) == order
    assert [time_ns for time_ns, _ in heard] == [0, 2_000_000, 4_000_000, 6_000_000]


def test_turns_add_up() -> None:
    bench = Bench("a", "b")
    knob = bench.attach(RotaryEncoder(step_ms=1))
    knob.turn(3)
    knob.turn(-1)
    bench.clock.advance(100_000_000)
    assert knob.position == 8
