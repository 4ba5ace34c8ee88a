"""Parts on the buses of a machine, driven by firmware: tests/firmware/programs/board."""

from __future__ import annotations

import pytest

from emu.machine.machine import Machine
from emu.parts.button import Button
from emu.parts.eeprom_24c import Eeprom24c
from emu.parts.led import Led
from emu.parts.ssd1306 import Ssd1306

AT_PINS = {"scl": "PB15", "sda": "PB16"}


def run(machine: Machine, name: str) -> list[str]:
    """Have the firmware talk to a part; what it logs."""
    machine.uart1.write(f"{name}\n")
    text = machine.uart0.expect(rf"(?s)(.*)board: {name}: done").group(1)
    return [line.partition("board: ")[2].strip() for line in text.splitlines() if "board: " in line]


def drawn_by_oled_c() -> set[tuple[int, int]]:
    edges = {(x, y) for x in range(128) for y in range(64) if x in (0, 127) or y in (0, 63)}
    return edges | {(x, x // 2) for x in range(128)}


def lit(oled: Ssd1306) -> set[tuple[int, int]]:
    return {(x, y) for x in range(128) for y in range(64) if oled.pixel(x, y)}


@pytest.mark.parametrize("by", ["", " by program"])
def test_an_eeprom_is_written_and_read(machine: Machine, by: str) -> None:
    if by:
        eeprom = machine.parts.attach(Eeprom24c(), **AT_PINS)
    else:
        eeprom = machine.i2c.attach(Eeprom24c(), address=0x50)
    assert run(machine, f"eeprom{by}") == [
        "eeprom: a page took 5",
        "eeprom: holds 12345678cd....ab",
    ]
    assert eeprom.contents.data[0x10:0x20] == b"12345678cd\xff\xff\xff\xffab"
    assert machine.notes == []


@pytest.mark.parametrize("by", ["", " by program"])
def test_an_oled_shows_what_is_drawn(machine: Machine, by: str) -> None:
    oled = machine.parts.attach(Ssd1306(), **AT_PINS) if by else machine.i2c.attach(Ssd1306())
    assert run(machine, f"oled{by}") == ["oled: drawn"]
    assert lit(oled) == drawn_by_oled_c()


def test_nobody_answers_at_another_address(machine: Machine) -> None:
    machine.i2c.attach(Eeprom24c(), address=0x51)
    assert run(machine, "eeprom") == ["eeprom: nobody answers"]


def test_the_block_reaches_a_part_at_its_pins_and_at_no_others(machine: Machine) -> None:
    machine.parts.attach(Eeprom24c(), name="there", scl="PA1", sda="PA4")
    machine.parts.attach(Ssd1306(), name="elsewhere", scl="PB20", sda="PB19")
    assert run(machine, "eeprom")[0] == "eeprom: a page took 5"
    assert run(machine, "oled") == ["oled: nobody answers"]


def test_a_button_switches_a_lamp_and_pwm_dims_another(machine: Machine) -> None:
    button = machine.parts.attach(Button(bounces=1), name="switch", pin="PB5")
    lamp = machine.parts.attach(Led(), name="lamp", pin="PB0")
    dimmed = machine.parts.attach(Led(active_high=True), name="dimmed", pin="PB1")
    machine.uart1.write("lamp\n")
    machine.uart0.expect("lamp: ready")
    assert (lamp.is_on, dimmed.brightness) == (False, 0.25)
    assert (machine.pins["PB1"].function, str(machine.pins["PB1"].signal)) == ("PWM1", "25.0% of 10,000.0 Hz")
    assert machine.pwm[1].duty == 0.25
    button.press()
    machine.uart0.expect("lamp: on")
    machine.run_for(0.01)
    assert lamp.is_on
    button.release()
    machine.run_for(0.02)
    button.press()
    machine.uart0.expect("lamp: off")
    machine.run_for(0.01)
    assert not lamp.is_on


def test_a_short_circuit_is_told_once(machine: Machine) -> None:
    machine.pins["PB0"].drive(0)
    machine.uart1.write("lamp\n")
    machine.uart0.expect("lamp: ready")
    assert machine.notes == ["PB0: the firmware drives it high, and the board against that"]
