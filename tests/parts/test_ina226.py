"""The power monitor alone: the example of its data sheet, 8.2.2 (10 A, 2 mOhm, 12 V)."""

from __future__ import annotations

from support.parts import Bench, I2cMaster

from emu.parts.ina226 import Ina226


def made(**settings: float) -> I2cMaster:
    return I2cMaster(Bench("scl", "sda").attach(Ina226(**settings)))


def register(master: I2cMaster, pointer: int) -> int:
    data = master.ask(0x40, pointer, count=2)
    assert data is not None
    return int.from_bytes(data, "big")


def test_the_example_of_the_data_sheet() -> None:
    master = made(shunt_ohms=0.002, amperes=10, bus_volts=11.98)
    master.write(0x40, 5, 0x0A, 0x00)
    assert [register(master, pointer) for pointer in (1, 2, 4, 3)] == [8000, 9584, 10_000, 4792]


def test_identities_and_reset() -> None:
    master = made()
    assert (register(master, 0xFE), register(master, 0xFF), register(master, 0)) == (0x5449, 0x2260, 0x4127)
    master.write(0x40, 0, 0x41, 0x00)
    assert register(master, 0) == 0x4100
    master.write(0x40, 0, 0x80, 0x00)
    assert register(master, 0) == 0x4127
    assert register(master, 6) & 8


def test_a_current_that_goes_back_is_negative_and_too_much_is_cut() -> None:
    assert register(made(amperes=-0.1), 1) == -4000 & 0xFFFF
    assert register(made(amperes=100), 1) == 0x7FFF
