"""The sensor of HLK-W800-KIT alone: its registers as the library RobTillaart/CHT8305 uses them."""

from __future__ import annotations

import pytest
from support.parts import Bench, I2cMaster

from emu.parts.cht8305 import CONVERSION_NS, Cht8305


class Sensor:
    def __init__(self) -> None:
        self.bench = Bench("scl", "sda", "alert")
        self.part = self.bench.attach(Cht8305(celsius=-40, humidity=100))
        self.master = I2cMaster(self.part)

    def ask(self, register: int, count: int = 2) -> str | None:
        self.master.write(0x40, register)
        answer = self.master.read(0x40, count)
        return None if answer is None else answer.hex()

    def measure(self) -> str | None:
        self.master.write(0x40, 0)
        self.bench.clock.advance(CONVERSION_NS)
        return (self.master.read(0x40, 4) or b"").hex()


@pytest.fixture
def sensor() -> Sensor:
    return Sensor()


def test_it_tells_who_it_is(sensor: Sensor) -> None:
    assert [sensor.ask(register) for register in (0xFE, 0xFF, 2, 4)] == ["5959", "8305", "1804", "7fff"]


def test_a_read_is_refused_until_it_has_measured(sensor: Sensor) -> None:
    sensor.master.write(0x40, 0)
    sensor.bench.clock.advance(CONVERSION_NS - 1)
    assert sensor.master.read(0x40, 4) is None
    sensor.bench.clock.advance(1)
    assert sensor.master.read(0x40, 4) == b"\x00\x00\xff\xfc"
    assert sensor.ask(1) == "fffc"


def test_what_it_measures_is_what_it_is_set_to(sensor: Sensor) -> None:
    sensor.part.celsius, sensor.part.humidity = 21.5, 40
    words = sensor.measure() or ""
    temperature, humidity = int(words[:4], 16), int(words[4:], 16)
    assert temperature * 165 / 65535 - 40 == pytest.approx(21.5, abs=0.02)
    assert humidity / 655.35 == pytest.approx(40, abs=0.02)


def test_coarse_results_have_fewer_bits(sensor: Sensor) -> None:
    sensor.part.celsius = 125
    sensor.master.write(0x40, 2, 0x16, 0x04)
    assert sensor.measure() == "ffe0ff00"
    sensor.master.write(0x40, 2, 0x80, 0x00)
    assert sensor.ask(2) == "1804"


def test_one_result_at_a_time(sensor: Sensor) -> None:
    sensor.master.write(0x40, 2, 0x00, 0x04)
    assert sensor.ask(1) is None
    sensor.bench.clock.advance(CONVERSION_NS)
    assert sensor.master.read(0x40, 2) == b"\xff\xfc"


@pytest.mark.parametrize(("mode", "alerts"), [(0, "0001"), (1, "0101"), (2, "0011"), (3, "0111")])
def test_an_alert_is_low_while_a_limit_is_exceeded(sensor: Sensor, mode: int, alerts: str) -> None:
    sensor.master.write(0x40, 2, 0x10, mode << 6)
    sensor.master.write(0x40, 3, 0x80, 0xC0)  # 64 of 127 for the humidity, 192 of 511 for the temperature
    found = ""
    for celsius, humidity in ((60, 90), (0, 90), (60, 10), (0, 10)):
        sensor.part.celsius, sensor.part.humidity = celsius, humidity
        sensor.measure()
        found += str(int(sensor.bench.pins["alert"].level))
    assert found == alerts
    sensor.part.celsius = 60
    sensor.measure()
    assert int(sensor.ask(2) or "", 16) & 0x18 == 0x08


def test_a_snapshot_in_the_middle_of_a_measurement_goes_on(sensor: Sensor) -> None:
    sensor.master.write(0x40, 0)
    saved = sensor.part.save()
    sensor.bench.clock.advance(CONVERSION_NS)
    sensor.part.restore(saved)
    assert sensor.master.read(0x40, 4) is None
