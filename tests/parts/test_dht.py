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
    assert levels[:3] == [(13, True), (83, False), (87, True)]
    assert {duration for duration, is_high in levels[3:] if not is_high} == {50}
    assert {duration for duration, is_high in levels[3:] if is_high} == {26, 70}
    assert decoded(levels) == bytes((61, 0, 23, 0, 84))


def test_the_better_one_has_times_of_its_own() -> None:
    bench = Bench("data")
    bench.attach(Dht22())
    assert ask(bench, 1000)[:3] == [(30, True), (80, False), (80, True)]


@pytest.mark.parametrize(
    ("celsius", "humidity", "data"),
    [
        (24.4, 53, "3500180451"),
        (-10.1, 53, "35000a81c0"),
        (-0.1, 53, "35000081b6"),
        (24.96, 52.98, "350019004e"),
    ],
)
def test_tenths_of_a_dht11_and_its_sign_have_a_byte(celsius: float, humidity: float, data: str) -> None:
    bench = Bench("data")
    bench.attach(Dht11(celsius=celsius, humidity=humidity))
    assert decoded(ask(bench, 18_000)).hex() == data


@pytest.mark.parametrize(
    ("celsius", "humidity", "data"), [(25.1, 65.2, "028c00fb89"), (-10.1, 65.2, "028c806573")]
)
def test_the_better_one_has_tenths(celsius: float, humidity: float, data: str) -> None:
    bench = Bench("data")
    bench.attach(Dht22(celsius=celsius, humidity=humidity))
    assert decoded(ask(bench, 1000)).hex() == data


@pytest.mark.parametrize(("kind", "short_us", "long_us"), [(Dht11, 9_000, 15_000), (Dht22, 700, 799)])
def test_a_short_pulse_is_no_question(kind: type[Dht11], short_us: int, long_us: int) -> None:
    bench = Bench("data")
    bench.attach(kind())
    assert ask(bench, short_us) == []
    assert len(ask(bench, long_us)) > 80


@pytest.mark.parametrize(("kind", "period_us"), [(Dht11, 1_000_000), (Dht22, 2_000_000)])
def test_asked_too_early_it_sends_what_it_has_measured(kind: type[Dht11], period_us: int) -> None:
    bench = Bench("data")
    part = bench.attach(kind(celsius=20))
    first = decoded(ask(bench, 20_000))
    part.celsius = 30.0
    assert decoded(ask(bench, 20_000)) == first
    bench.clock.advance((period_us - 40_000) * US)
    assert decoded(ask(bench, 20_000)) != first


def test_a_chip_that_asks_again_during_the_answer_gets_one() -> None:
    bench = Bench("data")
    bench.attach(Dht11())
    pin = bench.pins["data"]
    pin.write(0)
    bench.clock.advance(20_000 * US)
    pin.write(None)
    bench.clock.advance(1000 * US)
    assert len(ask(bench, 20_000)) > 80
