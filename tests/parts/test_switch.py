"""A switch alone."""

from __future__ import annotations

from support.parts import Bench

from emu.parts.switch import Switch


def test_it_stays_where_it_is_put() -> None:
    bench = Bench("pin")
    switch = bench.attach(Switch())
    levels = [bench.pins["pin"].level]
    for turn in (switch.turn_on, switch.turn_on, switch.turn_off):
        turn()
        levels.append(bench.pins["pin"].level)
    assert levels == [False, True, True, False]
