"""The receiver alone: sentences of NMEA 0183."""

from __future__ import annotations

from functools import reduce
from operator import xor

from support.parts import Bench

from emu.parts.gps import Gps

SECOND = 1_000_000_000


def sentences(bench: Bench) -> list[list[str]]:
    found = []
    for line in bench.sent.decode().splitlines():
        text, _, checksum = line.removeprefix("$").partition("*")
        assert int(checksum, 16) == reduce(xor, text.encode())
        found.append(text.split(","))
    bench.sent.clear()
    return found


def test_it_tells_place_and_time_every_second() -> None:
    bench = Bench()
    gps = bench.attach(Gps(start="2024-02-29 23:59:58", latitude=-33.8568, longitude=151.2153, knots=2.5))
    bench.clock.advance(SECOND)
    rmc, gga = sentences(bench)
    assert rmc[:10] == [
        "GPRMC",
        "235959.00",
        "A",
        "3351.4080",
        "S",
        "15112.9180",
        "E",
        "2.5",
        "0.0",
        "290224",
    ]
    assert gga[:8] == ["GPGGA", "235959.00", "3351.4080", "S", "15112.9180", "E", "1", "08"]
    gps.latitude = 0.5
    bench.clock.advance(SECOND)
    rmc, _ = sentences(bench)
    assert (rmc[1], rmc[3:5], rmc[9]) == ("000000.00", ["0030.0000", "N"], "010324")


def test_without_a_fix_it_tells_no_place() -> None:
    bench = Bench()
    bench.attach(Gps(has_fix=False))
    bench.clock.advance(SECOND)
    rmc, gga = sentences(bench)
    assert (rmc[2], rmc[3], gga[6]) == ("V", "", "0")


def test_sixty_minutes_are_a_degree() -> None:
    bench = Bench()
    bench.attach(Gps(latitude=9.999_999_999))
    bench.clock.advance(SECOND)
    assert sentences(bench)[0][3] == "1000.0000"
