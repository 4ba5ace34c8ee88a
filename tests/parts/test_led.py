"""A lamp alone."""

from __future__ import annotations

from support.parts import Bench

from emu.parts.led import Led
from emu.parts.net import Signal


def test_it_shines_at_its_level() -> None:
    for active_high in (False, True):
        bench = Bench("pin")
        led = bench.attach(Led(active_high=active_high))
        bench.pins["pin"].write(0)
        assert (led.is_on, led.brightness) == (not active_high, float(not active_high))
        bench.pins["pin"].write(1)
        assert led.is_on is active_high
        assert led.switched == 2


def test_pwm_dims_it() -> None:
    bench = Bench("pin")
    led = bench.attach(Led())
    bench.pins["pin"].net.put_block(Signal(0.75, 1000.0))
    assert led.brightness == 0.25
