"""The clock alone: the registers of its data sheet."""

from __future__ import annotations

import pytest
from support.parts import Bench, I2cMaster

from emu.parts.ds3231 import Ds3231
from emu.parts.errors import PartError

SECOND = 1_000_000_000


def made(**settings: str) -> tuple[Bench, I2cMaster]:
    bench = Bench("scl", "sda")
    return bench, I2cMaster(bench.attach(Ds3231(**settings)))


def time(master: I2cMaster) -> str:
    return (master.ask(0x68, 0, count=7) or b"").hex(" ")


def test_it_goes_on_from_its_start() -> None:
    bench, master = made(start="2024-02-28 23:59:58")
    assert time(master) == "58 59 23 03 28 02 24"
    bench.clock.advance(2 * SECOND)
    assert time(master) == "00 00 00 04 29 02 24"


def test_what_is_written_is_the_time_from_then_on() -> None:
    bench, master = made()
    bench.clock.advance(SECOND // 2)
    master.write(0x68, 0, 0x30, 0x15, 0x12, 0x07, 0x31, 0x12, 0x99)
    bench.clock.advance(SECOND)
    assert time(master) == "31 15 12 07 31 12 99"
    bench.clock.advance(24 * 3600 * SECOND)
    assert time(master) == "31 15 12 01 01 81 00"  # the century has changed


def test_twelve_hours() -> None:
    bench, master = made()
    master.write(0x68, 0, 0x59, 0x59, 0x40 | 0x11, 1, 1, 1, 0x26)
    bench.clock.advance(SECOND)
    assert time(master)[:8] == "00 00 72"  # 12 PM
    bench.clock.advance(13 * 3600 * SECOND)
    assert time(master)[:8] == "00 00 41"


def test_temperature_in_quarters_also_below_zero() -> None:
    bench = Bench("scl", "sda")
    part = bench.attach(Ds3231(celsius=25.25))
    master = I2cMaster(part)
    found = [(master.ask(0x68, 0x11, count=2) or b"").hex()]
    part.celsius = -0.25
    found.append((master.ask(0x68, 0x11, count=2) or b"").hex())
    assert found == ["1940", "ffc0"]


def test_the_battery_keeps_the_time() -> None:
    bench, master = made(start="2026-01-01 00:00:00")
    bench.clock.advance(60 * SECOND)
    for part in master.bus._members():
        part.power_on()
    assert time(master)[:5] == "00 01"


def test_a_start_that_is_no_time_is_refused() -> None:
    with pytest.raises(PartError, match="ds3231: start: 'noon' is no time"):
        made(start="noon")
