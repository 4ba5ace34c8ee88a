"""The thermometer alone: 1-Wire signalling and commands of its data sheet."""

from __future__ import annotations

import pytest
from support.clock import FakeClock
from support.parts import FakePin

from emu.parts.checksum import crc8_reflected
from emu.parts.ds18b20 import CRC_POLYNOMIAL, Ds18b20
from emu.parts.net import Wire
from emu.parts.part import Place

US = 1000


class Master:
    """A wire with some thermometers."""

    def __init__(self, *parts: Ds18b20) -> None:
        self.clock = FakeClock()
        self.pin = FakePin()
        for number, part in enumerate(parts):
            name = f"part{number}"
            part.attach(Place(name, self.clock, {"data": Wire(self.pin.net, name)}))

    def low(self, duration_us: int) -> None:
        self.pin.write(0)
        self.clock.advance(duration_us * US)
        self.pin.write(None)

    def reset(self, low_us: int = 480) -> bool:
        self.low(low_us)
        self.clock.advance(70 * US)
        is_there = not self.pin.level
        self.clock.advance(410 * US)
        return is_there

    def bit(self, bit: int) -> int:
        self.low(3 if bit else 65)
        self.clock.advance(10 * US)
        seen = int(self.pin.level)
        self.clock.advance(60 * US)
        return seen

    def write(self, *data: int) -> None:
        for byte in data:
            for bit in range(8):
                self.bit(byte >> bit & 1)

    def read(self, count: int) -> bytes:
        return bytes(sum(self.bit(1) << bit for bit in range(8)) for _ in range(count))

    def scratchpad(self) -> bytes:
        self.reset()
        self.write(0xCC, 0xBE)
        data = self.read(9)
        assert crc8_reflected(data[:8], polynomial=CRC_POLYNOMIAL) == data[8]
        return data

    def convert(self, ms: int = 750) -> None:
        self.reset()
        self.write(0xCC, 0x44)
        self.clock.advance(ms * 1000 * US)


def test_an_alarm_search_is_answered_beyond_the_limits_of_the_last_conversion() -> None:
    part = Ds18b20(celsius=30.9)
    master = Master(part)
    answers = []
    for celsius in (30.9, 31.0, 30.9, -5.5, 25.0, -6.0):
        part.celsius = celsius
        master.reset()
        master.write(0xCC, 0x4E, 31, 0xFA, 0x7F)  # 31 and -6
        master.convert()
        master.reset()
        master.write(0xEC)
        answers.append((master.bit(1), master.bit(1)))
    nobody, the_low_bit_of_its_family = (1, 1), (0, 1)
    wanted = [
        nobody,
        the_low_bit_of_its_family,
        nobody,
        the_low_bit_of_its_family,
        nobody,
        the_low_bit_of_its_family,
    ]
    assert answers == wanted


def test_nobody_is_there_without_a_part() -> None:
    assert Master().reset() is False
    assert Master(Ds18b20()).reset() is True


@pytest.mark.parametrize(
    ("celsius", "data"),
    [
        (125, "d007"),
        (85, "5005"),
        (25.0625, "9101"),
        (0.5, "0800"),
        (0, "0000"),
        (-0.5, "f8ff"),
        (-10.125, "5eff"),
        (-55, "90fc"),
    ],
)
def test_temperatures_are_those_of_table_1(celsius: float, data: str) -> None:
    master = Master(Ds18b20(celsius=celsius))
    master.convert()
    assert master.scratchpad()[:2].hex() == data


def test_before_a_conversion_it_is_85_degrees() -> None:
    assert Master(Ds18b20(celsius=1)).scratchpad().hex()[:16] == "50054b467fff0c10"


def test_read_slots_are_0_until_the_conversion_is_over() -> None:
    master = Master(Ds18b20())
    master.convert(ms=700)
    seen = [master.bit(1)]
    master.clock.advance(50_000 * US)
    assert [*seen, master.bit(1), master.bit(1)] == [0, 1, 1]


def test_fewer_bits_take_less_time() -> None:
    master = Master(Ds18b20(celsius=25.0625))
    master.reset()
    master.write(0xCC, 0x4E, 0x4B, 0x46, 0x1F)
    master.convert(ms=94)
    assert master.scratchpad()[:5].hex() == "90014b461f"


def test_the_rom_has_family_serial_number_and_checksum() -> None:
    master = Master(Ds18b20(serial=0x0000_0123_4567))
    master.reset()
    master.write(0x33)
    rom = master.read(8)
    assert (rom[:7].hex(), crc8_reflected(rom, polynomial=CRC_POLYNOMIAL)) == ("28674523010000", 0)


def test_only_the_one_with_that_serial_number_answers() -> None:
    parts = Ds18b20(serial=1, celsius=10), Ds18b20(serial=2, celsius=20)
    master = Master(*parts)
    master.convert()
    found = []
    for part in parts:
        master.reset()
        master.write(0x55, *part.rom, 0xBE)
        found.append(master.read(2).hex())
    assert found == ["a000", "4001"]


@pytest.mark.parametrize(("low_us", "is_reset"), [(400, False), (479, True), (960, True)])
def test_a_short_pulse_is_no_reset(low_us: int, is_reset: bool) -> None:
    assert Master(Ds18b20()).reset(low_us) is is_reset


def test_a_search_finds_all() -> None:
    parts = Ds18b20(serial=0b0101), Ds18b20(serial=0b0110)
    master = Master(*parts)
    found = []
    for choice in (0, 1):
        master.reset()
        master.write(0xF0)
        bits = []
        for _ in range(64):
            seen = master.bit(1), master.bit(1)
            assert seen != (1, 1)
            bits.append(choice if seen == (0, 0) else seen[0])
            master.bit(bits[-1])
        found.append(sum(bit << place for place, bit in enumerate(bits)).to_bytes(8, "little"))
    assert sorted(found) == sorted(part.rom for part in parts)
