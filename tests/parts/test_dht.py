"""DHT11 and DHT22 alone: the communication process of their manuals."""

from __future__ import annotations

from itertools import pairwise

import pytest
from support.parts import Bench

from emu.parts.dht import Dht11, Dht22

US = 1000


def ask(bench: Bench, low_us: int) -> list[tuple[int, bool]]:
    """How long each level lasts after the start signal, in microseconds, and the level."""
    pin = bench.pins["data"]
    pin.write(0)
    bench.clock.advance(low_us * US)
    pin.write(None)
    changes: list[tuple[int, bool]] = [(bench.clock.now_ns, True)]
    pin.net.listen("test", lambda level: changes.append((bench.clock.now_ns, level)))
    bench.clock.advance(10_000 * US)
    return [((after - before) // US, level) for (before, level), (after, _) in pairwise(changes)]


def decoded(levels: list[tuple[int, bool]]) -> bytes:
    bits = "".join(str(int(duration > 48)) for duration, is_high in levels[3:] if is_high)
    return int(bits, 2).to_bytes(5, "big")


def test_the_answer_begins_with_an_acknowledgement_and_is_40_bits() -> None:
    bench = Bench("data")
    bench.attach(Dht11(celsius=23, humidity=61))
    levels = ask(bench, 18_000)
    assert levels[:3] == [(30, True), (80, False), (80, True)]
    assert {duration for duration, is_high in levels[3:] if not is_high} == {50}
    assert {duration for duration, is_high in levels[3:] if is_high} == {26, 70}
    assert decoded(levels) == bytes((61, 0, 23, 0, 84))


@pytest.mark.parametrize(
    ("celsius", "humidity", "data"), [(25.1, 65.2, "028c00fb89"), (-10.1, 65.2, "028c806573")]
)
def test_the_better_one_has_tenths(celsius: float, humidity: float, data: str) -> None:
    bench = Bench("data")
    bench.attach(Dht22(celsius=celsius, humidity=humidity))
    assert decoded(ask(bench, 1000)).hex() == data


def test_a_short_pulse_is_no_question() -> None:
    bench = Bench("data")
    bench.attach(Dht11())
    assert ask(bench, 10_000) == []
    assert len(ask(bench, 18_000)) > 80
