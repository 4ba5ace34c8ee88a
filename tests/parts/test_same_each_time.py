"""Whether parts are the same each time, and what is told of those that are not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from parts.test_board_program import AT_PINS, run

from emu.machine.determinism import Runner, first_difference, forgotten_data, unsaved_data
from emu.machine.machine import Machine
from emu.parts import (
    Bh1750,
    Button,
    Buzzer,
    Cht8305,
    Dht11,
    Ds18b20,
    Ds3231,
    Eeprom24c,
    Gps,
    I2cPart,
    Ina226,
    Led,
    RotaryEncoder,
    SdCard,
    Setting,
    Sht3x,
    SpiFlash,
    Ssd1306,
    St7735,
    Ws2812,
    table,
)  # fmt: skip

PROGRAM = Path(__file__).parents[1] / "firmware/programs/board.elf"


def test_our_own_parts_name_all_that_changes(machine: Machine) -> None:
    for i2c in (Eeprom24c(), Ssd1306(), Bh1750(), Sht3x(), Ina226(), Ds3231(), Cht8305(address=0x41)):
        machine.i2c.attach(i2c)
    machine.spi.attach(SpiFlash(), select="PB4")
    machine.spi.attach(SdCard(size_mib=1), select="PB14")
    machine.spi.attach(St7735(), select="PB23", data_command="PB22", reset="PB21")
    attach = machine.parts.attach
    for part, pin in ((Dht11(), "PB7"), (Ds18b20(), "PB8"), (Ws2812(), "PB9")):
        attach(part, data=pin)
    knob, key = attach(RotaryEncoder(), a="PB10", b="PB11"), attach(Button(bounces=3), pin="PB5")
    attach(Buzzer(), pin="PB12")
    attach(Led(), pin="PB0")
    machine.uarts[2].connect(Gps())
    before = {name: unsaved_data(part) for name, part in machine.parts.items()}
    for name in ("eeprom", "oled", "sensors", "spi flash", "sd card", "dht11", "ds18b20", "ws2812", "gps"):
        run(machine, name)
    key.press()
    machine.uart1.write("knob\n")
    machine.uart0.expect("knob: ready")
    knob.turn(3)
    machine.run_for(0.05)
    assert forgotten_data(machine, before) == ""


class Odd(I2cPart):
    """Is asked as an EEPROM is."""

    kind = "odd"
    address = Setting(0x50, "its 7 bits")
    runs: Iterator[int] = itertools.count()

    def _power_on(self) -> None:
        self.count = next(self.runs) if self.saved_state else 0

    def write(self, byte: int) -> bool:
        self.count += 1
        return True


class Random(Odd):
    """Is another one each time."""

    kind = "random"
    saved_state = ("count",)


class Hidden(Odd):
    """Counts where nobody looks."""

    kind = "hidden"
    saved_state = ("count",)

    def _power_on(self) -> None:
        self.count = 0
        self._counts = itertools.count()

    def write(self, byte: int) -> bool:
        self.count = next(self._counts)
        return True


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (Hidden, "the state of part is another one some time after 0.002 s"),
        (Odd, "part: `count` changes, but is not in its saved_state: snapshots lose it"),
        (Random, "the state of part is another one some time after 0 s"),
    ],
)
def test_an_odd_part_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Odd], why: str
) -> None:
    monkeypatch.setattr(table, "PARTS", (*table.PARTS, kind))
    board = tmp_path / "board.toml"
    board.write_text(
        f'[parts.part]\nkind = "{kind.kind}"\nscl = "{AT_PINS["scl"]}"\nsda = "{AT_PINS["sda"]}"\n'
    )

    def runner_of(machine: Machine) -> Runner:
        machine.uart0.expect("board: ready")
        machine.uart1.write("eeprom by program\n")
        return machine.run

    assert first_difference(PROGRAM, board, 10_000_000, runner_of) == why
