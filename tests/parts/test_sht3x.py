"""Temperature and humidity alone: chapter 4 of the SHT3x data sheet."""

from __future__ import annotations

import pytest
from support.parts import Bench, I2cMaster

from emu.parts.checksum import crc8
from emu.parts.sht3x import Sht3x


@pytest.fixture
def bench() -> Bench:
    return Bench("scl", "sda")


def test_the_checksum_is_that_of_the_data_sheet() -> None:
    assert crc8(bytes.fromhex("beef"), polynomial=0x31, start=0xFF) == 0x92


@pytest.mark.parametrize(("command", "ns"), [(0x2400, 12_500_000), (0x240B, 4_500_000), (0x2416, 2_500_000)])
def test_a_read_is_refused_until_the_result_is_there(bench: Bench, command: int, ns: int) -> None:
    master = I2cMaster(bench.attach(Sht3x(celsius=0, humidity=100)))
    assert master.write(0x44, command >> 8, command & 0xFF)
    bench.clock.advance(ns - 1)
    assert master.read(0x44, 6) is None
    bench.clock.advance(1)
    temperature = round(45 / 175 * 0xFFFF).to_bytes(2, "big")
    first, second = (bytes((crc8(data, polynomial=0x31, start=0xFF),)) for data in (temperature, b"\xff\xff"))
    assert master.read(0x44, 6) == temperature + first + b"\xff\xff" + second
    assert master.read(0x44, 6) is None


def test_with_clock_stretching_the_clock_is_held_until_the_result_is_there(bench: Bench) -> None:
    master = I2cMaster(bench.attach(Sht3x(celsius=130)))
    master.write(0x44, 0x2C, 0x06)
    bench.clock.advance(2_500_000)
    master.bus.start()
    assert master.bus.write(0x44 << 1 | 1)
    assert (master.bus.stretch_ns(), master.bus.stretch_ns()) == (10_000_000, 0)
    bench.clock.advance(10_000_000)
    assert [master.bus.read(is_acknowledged=True) for _ in range(2)] == [0xFF, 0xFF]
    master.bus.stop()


def test_the_status_tells_reset_and_heater(bench: Bench) -> None:
    master = I2cMaster(bench.attach(Sht3x()))
    found = [(master.ask(0x44, 0xF3, 0x2D, count=2) or b"").hex()]
    for command in ((0x30, 0x41), (0x30, 0x6D), (0x30, 0x66), (0x30, 0xA2)):
        master.write(0x44, *command)
        found.append((master.ask(0x44, 0xF3, 0x2D, count=2) or b"").hex())
    assert found == ["0010", "0000", "2000", "0000", "0010"]
