"""Serial EEPROMs alone: the sequences of Microchip DS21189 and Atmel 0180."""

from __future__ import annotations

import pytest
from support.parts import Bench, I2cMaster

from emu.parts.eeprom_24c import WRITE_NS, Eeprom24c


def made(**settings: int) -> tuple[Bench, Eeprom24c, I2cMaster]:
    bench = Bench("scl", "sda")
    eeprom = bench.attach(Eeprom24c(**settings))
    return bench, eeprom, I2cMaster(eeprom)


def test_a_byte_is_programmed_and_read_at_random() -> None:
    bench, _, master = made()
    assert master.write(0x50, 0x12, 0xA5)
    bench.clock.advance(WRITE_NS)
    assert master.ask(0x50, 0x12, count=1) == b"\xa5"


def test_it_does_not_answer_while_it_programs() -> None:
    bench, _, master = made()
    master.write(0x50, 0, 1)
    bench.clock.advance(WRITE_NS - 1)
    assert not master.write(0x50)
    bench.clock.advance(1)
    assert master.write(0x50)


def test_nothing_is_programmed_before_the_stop() -> None:
    _, eeprom, master = made()
    master.write(0x50, 0, 1, stops=False)
    assert eeprom.contents[0] == 0xFF
    master.bus.stop()
    assert eeprom.contents[0] == 1


def test_a_page_write_goes_on_at_the_beginning_of_the_page() -> None:
    bench, eeprom, master = made(size_kbit=256)
    master.write(0x50, 0x01, 0x3E, *range(4))
    bench.clock.advance(WRITE_NS)
    assert eeprom.contents.data[0x13E:0x140] == b"\0\1"
    assert eeprom.contents.data[0x100:0x103] == b"\2\3\xff"


def test_a_sequential_read_goes_on_behind_the_end_at_the_beginning() -> None:
    bench, _, master = made()
    master.write(0x50, 0xFF, 7)
    bench.clock.advance(WRITE_NS)
    assert master.ask(0x50, 0xFF, count=3) == b"\x07\xff\xff"


def test_a_read_without_an_address_goes_on_where_the_last_one_ended() -> None:
    bench, _, master = made()
    master.write(0x50, 0, 1, 2, 3)
    bench.clock.advance(WRITE_NS)
    assert master.ask(0x50, 0, count=1) == b"\1"
    assert master.read(0x50, 1) == b"\2"


@pytest.mark.parametrize(("size_kbit", "addresses"), [(2, 1), (4, 2), (8, 4), (16, 8), (32, 1), (512, 1)])
def test_the_middle_sizes_answer_at_several_addresses(size_kbit: int, addresses: int) -> None:
    _, _, master = made(size_kbit=size_kbit)
    assert [master.write(0x50 + n) for n in range(8)] == [n < addresses for n in range(8)]


def test_the_address_has_the_high_bits_of_a_24c16() -> None:
    bench, eeprom, master = made(size_kbit=16)
    master.write(0x57, 0xF0, 9)
    bench.clock.advance(WRITE_NS)
    assert eeprom.contents[0x7F0] == 9
    assert master.ask(0x57, 0xF0, count=1) == b"\x09"


def test_a_protected_one_acknowledges_and_keeps_what_it_holds() -> None:
    _, eeprom, master = made()
    eeprom.write_protect = True
    assert master.write(0x50, 0, 1)
    assert master.write(0x50)
    assert eeprom.contents[0] == 0xFF


def test_the_contents_survive_the_power_and_come_back_with_a_snapshot() -> None:
    bench, eeprom, master = made()
    master.write(0x50, 0, 1)
    bench.clock.advance(WRITE_NS)
    eeprom.power_on()
    saved = eeprom.save()
    master.write(0x50, 0, 2)
    eeprom.restore(saved)
    assert master.ask(0x50, 0, count=1) == b"\1"


def test_a_start_in_place_of_the_stop_gives_up_what_was_written() -> None:
    _, eeprom, master = made()
    master.write(0x50, 0, 1, stops=False)
    assert master.ask(0x50, 0, count=1) == b"\xff"
    assert eeprom.contents[0] == 0xFF
