"""Which block has which pin."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from emu.parts.net import HIGH, Signal
from emu.soc.pin_functions import FUNCTIONS
from emu.soc.pins import Pins
from peripherals.gpio import Gpio


@pytest.fixture
def pins(world: FakeWorld) -> Pins:
    return Pins(*(Gpio(name, world.environment, FakeLine()) for name in ("gpio_a", "gpio_b")))


def give(port: Gpio, pin: int, function: int) -> None:
    high, low = port.function_select
    port.write(high.offset, (function - 1 >> 1) << pin)
    port.write(low.offset, (function - 1 & 1) << pin)
    port.write(port.alternate.offset, 1 << pin)


def test_a_pin_is_its_ports_until_it_is_given_away(pins: Pins) -> None:
    assert pins["PB20"].function == "GPIO"
    give(pins.ports[1], 20, 4)
    assert pins["PB20"].function == "I2C_SCL"
    assert list(pins.functions.pins_of("I2C_SCL")) == ["PB20"]
    give(pins.ports[0], 1, 2)
    assert list(pins.functions.pins_of("I2C_SCL")) == ["PA1", "PB20"]


def test_what_no_block_has_is_told_as_nothing(pins: Pins) -> None:
    give(pins.ports[1], 18, 2)
    assert pins["PB18"].function == ""
    give(pins.ports[1], 31, 1)
    assert pins["PB31"].function == ""


def test_pwm_reaches_the_pins_it_has(pins: Pins) -> None:
    wave = Signal(0.5, 50.0)
    pins.put_out("PWM0", wave)
    assert str(pins["PB0"].signal) == "low"
    give(pins.ports[1], 0, 1)
    assert pins["PB0"].signal == wave
    pins.put_out("PWM0", HIGH)
    assert str(pins["PB0"].signal) == "high"
    pins.ports[1].write(pins.ports[1].alternate.offset, 0)
    assert str(pins["PB0"].signal) == "low"


def test_a_resistor_on_the_board_makes_the_level_where_nobody_else_does(pins: Pins) -> None:
    levels = []
    pins["PB5"].pull(1)
    levels.append(pins["PB5"].level)
    pins["PB5"].drive(0)
    levels.append(pins["PB5"].level)
    pins["PB5"].release()
    levels.append(pins["PB5"].level)
    pins["PB5"].pull(None)
    assert [*levels, pins["PB5"].level] == [True, False, True, False]
    with pytest.raises(ValueError, match="PB5: 2 is no level"):
        pins["PB5"].pull(2)


def test_the_table_is_that_of_the_sdk(sdk: Path) -> None:
    text = (sdk / "components/wm_soc/w80x/include/wm_io_mux.h").read_text(encoding="utf-8")
    spelt = {"JATG": "JTAG", "MCK": "MCLK", "BCK": "BCLK", "LRCK": "LRCLK"}
    data_lines = re.compile(r"^(MMC_D)(\d)$")
    found: dict[str, dict[int, str]] = {}
    for number, name, function in re.findall(r"WM_IO_MUX_GPIO(\d+)_FUNC_(\w+)\s+([1-4])\s", text):
        pin = f"PA{number}" if int(number) < 16 else f"PB{int(number) - 16}"
        plain = "_".join(spelt.get(word, word) for word in name.split("_"))
        found.setdefault(pin, {})[int(function)] = data_lines.sub(r"MMC_DAT\2", plain)
    assert {pin: tuple(names.get(n, "-") for n in (1, 2, 3, 4)) for pin, names in found.items()} == FUNCTIONS
