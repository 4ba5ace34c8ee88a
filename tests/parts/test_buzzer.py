"""A buzzer alone."""

from __future__ import annotations

from support.parts import Bench

from emu.parts.buzzer import Buzzer
from emu.parts.net import LOW, Signal


def test_it_sounds_as_pwm_says() -> None:
    bench = Bench("pin")
    buzzer = bench.attach(Buzzer())
    net = bench.pins["pin"].net
    heard = []
    for signal in (Signal(0.5, 440.0), Signal(0.0, 440.0), Signal(0.2, 880.0), LOW):
        net.put_block(signal)
        heard.append(buzzer.frequency_hz)
        bench.clock.advance(100_000_000)
    assert heard == [440.0, 0.0, 880.0, 0.0]
    assert [tone for _, tone in buzzer.tones] == [440.0, 0.0, 880.0, 0.0]


def test_it_sounds_as_a_program_switches_it() -> None:
    bench = Bench("pin")
    buzzer = bench.attach(Buzzer())
    heard = []
    for _ in range(2):
        for _ in range(4):
            for level in (1, 0):
                bench.pins["pin"].write(level)
                bench.clock.advance(500_000)
        heard.append(buzzer.frequency_hz)
        bench.clock.advance(60_000_000)
        heard.append(buzzer.frequency_hz)
    assert heard == [1000.0, 0.0, 1000.0, 0.0]
    assert [tone for _, tone in buzzer.tones] == heard
