"""Public firmware on boards with the parts that its sources ask for: it shows there what they draw.

Pictures are known by their hashes: each has been looked at once beside its source.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from foreign.test_demos import demo
from foreign.test_packages import one, package_file

from emu.machine import Machine
from emu.parts import (
    Button,
    Ina226,
    Led,
    Part,
    Ssd1306,
    Ssd1306Spi,
    St7567,
    St7735,
    St7789,
    TouchPad,
)  # fmt: skip
from emu.parts.display import Display

OLED = {"scl": "PA1", "sda": "PA4"}
SPI = {"sck": "PB15", "mosi": "PB17", "select": "PB14"}
LCD = {**SPI, "data_command": "PB11", "reset": "PB10"}
RED, BLUE, GREY = (255, 0, 0), (0, 0, 255), (197, 194, 197)
pytestmark = pytest.mark.timeout(300)


def picture(part: Part) -> str:
    assert isinstance(part, Display)
    return hashlib.sha256(part.image().tobytes()).hexdigest()[:16]


def package(folder: Path, repository: str) -> Machine:
    return Machine.load(package_file(folder, one(repository)))


@pytest.mark.parametrize(
    ("name", "part", "wires", "pictures"),
    [
        ("i2c_ssd1306_oled", Ssd1306(), OLED, ["a7822e77b8eec3d4", "46265c5692bd25ac"]),
        ("spi_st7567_lcd", St7567(), LCD, ["d96a8ff9e4d8dca6", "8f10e53f7cdaaddd"]),
    ],
)
def test_a_demo_shows_its_first_pictures(
    firmware_corpus: Path, name: str, part: Part, wires: dict[str, Any], pictures: list[str]
) -> None:
    """A second after their beginning: both go on after two."""
    with demo(firmware_corpus, name) as machine:
        machine.parts.attach(part, **wires)
        found = []
        for time_s in (1, 2):
            machine.run_for(time_s)
            found.append(picture(part))
        assert found == pictures
        assert machine.notes == []


def test_the_tft_demo_fills_its_screen(firmware_corpus: Path) -> None:
    with demo(firmware_corpus, "spi_st77xx_lcd") as machine:
        tft = machine.parts.attach(St7735(), **LCD)
        backlight = machine.parts.attach(Led(active_high=True), pin="PB16")
        machine.run_for(1.8)
        assert tft.image().getcolors() == [(128 * 160, RED)]
        assert backlight.is_on


def test_the_other_tft_demo_shows_its_first_picture(firmware_corpus: Path) -> None:
    with demo(firmware_corpus, "tft_lcd") as machine:
        panel = St7789(height=320, rotation=0, is_inverted=True)
        machine.parts.attach(panel, **SPI, data_command="PB16", reset="PB13")
        machine.run_for(1.0)
        assert picture(panel) == "471424114fcd4459"


def test_the_fan_is_operated_by_its_buttons(firmware_corpus: Path) -> None:
    with demo(firmware_corpus, "fan") as machine:
        wires = {"sck": "PB2", "mosi": "PB5", "data_command": "PB10", "reset": "PB9"}
        oled = machine.parts.attach(Ssd1306Spi(), **wires)
        operate = machine.parts.attach(Button(), name="operate", pin="PB6")
        machine.parts.attach(Button(), name="up", pin="PB7")
        machine.run_for(0.8)
        off = picture(oled)
        operate.press()
        machine.run_for(0.2)
        operate.release()
        machine.uart0.expect(r"press, state: 1\nfan state: 1", timeout_s=0.3)
        machine.run_for(0.3)
        assert picture(oled) != off


def test_the_power_meter_shows_what_it_measures(firmware_corpus: Path) -> None:
    """12.340 V, 0.500 A, 6.170 W: its shunt has 25 milliohms."""
    with package(firmware_corpus, "xiansenzhao/WM_SDK_W806") as machine:
        oled = machine.parts.attach(Ssd1306(), **OLED)
        meter = Ina226(bus_volts=12.34, amperes=0.5, shunt_ohms=0.025)
        machine.parts.attach(meter, scl="PB14", sda="PB15")
        machine.run_for(0.7)
        assert picture(oled) == "b11ad8a6c65ac3a4"


def test_circles_are_drawn_byte_by_byte(firmware_corpus: Path) -> None:
    with package(firmware_corpus, "xiansenzhao/WM_SDK_W806_7735r") as machine:
        panel = St7735(rotation=0, first_column=0, first_row=0)
        machine.spi.attach(panel, data_command="PB6", reset="PB0")
        machine.run_for(0.55)
        assert [panel.image().getpixel(place) for place in ((64, 40), (64, 120))] == [GREY, BLUE]


def test_pwm_dims_leds(firmware_corpus: Path) -> None:
    """The 22nd step of the demo, as in test_demos.py."""
    with demo(firmware_corpus, "pwm_5_led_fade_synchronized") as machine:
        leds = [machine.parts.attach(Led(), pin=f"PB{number}") for number in range(4)]
        machine.uart0.expect("enter main", timeout_s=1)
        machine.run_for(0.02 * 21.5)
        assert [led.brightness for led in leds] == pytest.approx([0.78] * 4)


def test_a_touch_pad_is_told(firmware_corpus: Path) -> None:
    with demo(firmware_corpus, "touch") as machine:
        pad = machine.parts.attach(TouchPad(), pin="PB5")
        machine.uart0.expect("enter main", timeout_s=1)
        pad.press()
        machine.uart0.expect(r"\n100\r\n", timeout_s=1)
