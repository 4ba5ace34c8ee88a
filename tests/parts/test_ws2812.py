"""Colour LEDs alone: the data transfer time of the WS2812B data sheet."""

from __future__ import annotations

import pytest
from support.parts import Bench

from emu.parts.ws2812 import Ws2812

RESET_NS = 50_000


def send(bench: Bench, data: bytes, short_ns: int = 400, long_ns: int = 800) -> None:
    for byte in data:
        for bit in range(7, -1, -1):
            bench.pins["data"].write(1)
            bench.clock.jump(long_ns if byte >> bit & 1 else short_ns)
            bench.pins["data"].write(0)
            bench.clock.jump(450)


def made(count: int) -> tuple[Bench, Ws2812]:
    bench = Bench("data")
    bench.pins["data"].write(0)
    return bench, bench.attach(Ws2812(count=count))


@pytest.mark.parametrize(("short_ns", "long_ns"), [(250, 650), (400, 800), (540, 950)])
def test_green_comes_first_within_the_tolerances(short_ns: int, long_ns: int) -> None:
    bench, strip = made(2)
    send(bench, bytes((1, 2, 3, 40, 50, 60)), short_ns, long_ns)
    bench.clock.jump(RESET_NS)
    assert strip.colours == [(2, 1, 3), (50, 40, 60)]


def test_nothing_is_shown_before_the_pause() -> None:
    bench, strip = made(1)
    send(bench, b"\xff\xff\xff")
    bench.clock.jump(RESET_NS - 500)
    before = strip.colours
    bench.clock.jump(500)
    assert (before, strip.colours) == ([(0, 0, 0)], [(255, 255, 255)])


def test_the_rest_keeps_its_colours_and_what_is_too_much_goes_on() -> None:
    bench, strip = made(2)
    send(bench, bytes(range(1, 10)))
    bench.clock.jump(RESET_NS)
    shown = strip.colours
    send(bench, b"\xff\xff\xff")
    bench.clock.jump(RESET_NS)
    assert (shown, strip.colours) == ([(2, 1, 3), (5, 4, 6)], [(255, 255, 255), (5, 4, 6)])
    assert strip.image().size == (32, 16)


@pytest.mark.parametrize(
    ("zero", "one", "bits", "bit_ns"),
    [(0b100, 0b110, 3, 400), (0b1000, 0b1110, 4, 312), (0xC0, 0xF8, 8, 150)],
)
@pytest.mark.parametrize("piece", [1, 4, 1000])
def test_pulses_are_the_ones_of_what_spi_sends(
    zero: int, one: int, bits: int, bit_ns: int, piece: int
) -> None:
    """The codes that public drivers use, in pieces as a FIFO or DMA give them."""
    bench, strip = made(2)
    colours = int.from_bytes(bytes((1, 2, 3, 40, 50, 60)), "big")
    code = "".join(f"{one if colours >> bit & 1 else zero:0{bits}b}" for bit in range(47, -1, -1))
    sent = int(code, 2).to_bytes(len(code) // 8, "big")
    for start in range(0, len(sent), piece):
        part = sent[start : start + piece]
        bench.clock.jump(8 * len(part) * bit_ns)
        bench.pins["data"].net.put_bits(part, bit_ns)
    bench.clock.jump(RESET_NS)
    assert strip.colours == [(2, 1, 3), (50, 40, 60)]
