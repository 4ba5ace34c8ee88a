"""The light sensor alone: the measurement sequence of its data sheet."""

from __future__ import annotations

import pytest
from support.parts import Bench, I2cMaster

from emu.parts.bh1750 import Bh1750

MS = 1_000_000


@pytest.fixture
def bench() -> Bench:
    return Bench("scl", "sda")


def counts(master: I2cMaster) -> int:
    data = master.read(0x23, 2)
    assert data is not None
    return int.from_bytes(data, "big")


@pytest.mark.parametrize(("command", "ms", "result"), [(0x20, 120, 120), (0x21, 120, 240), (0x23, 16, 120)])
def test_a_single_measurement_takes_its_time_and_ends(
    bench: Bench, command: int, ms: int, result: int
) -> None:
    sensor = bench.attach(Bh1750(lux=100))
    master = I2cMaster(sensor)
    master.write(0x23, command)
    bench.clock.advance(ms * MS - 1)
    before = counts(master)
    bench.clock.advance(1)
    assert (before, counts(master)) == (0, result)
    sensor.lux = 200
    bench.clock.advance(1000 * MS)
    assert counts(master) == result


def test_continuous_measurements_follow_the_light_until_power_down(bench: Bench) -> None:
    sensor = bench.attach(Bh1750(lux=10))
    master = I2cMaster(sensor)
    master.write(0x23, 0x10)
    found = []
    for lux in (10, 20, 30):
        sensor.lux = lux
        bench.clock.advance(120 * MS)
        found.append(counts(master))
    master.write(0x23, 0x00)
    sensor.lux = 40
    bench.clock.advance(1000 * MS)
    assert [*found, counts(master)] == [12, 24, 36, 36]


def test_the_measurement_time_changes_the_sensitivity(bench: Bench) -> None:
    sensor = bench.attach(Bh1750(lux=100))
    master = I2cMaster(sensor)
    for command in (0x44, 0x6A, 0x20):  # 138, twice the usual
        master.write(0x23, command)
    bench.clock.advance(239 * MS)
    before = counts(master)
    bench.clock.advance(2 * MS)
    assert (before, counts(master)) == (0, 240)
