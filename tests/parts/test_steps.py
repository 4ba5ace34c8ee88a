"""Steps at virtual times, and pictures compared."""

from __future__ import annotations

from pathlib import Path

import pytest
from parts.test_board_program import run
from PIL import Image

from emu.loader import LoadError
from emu.machine.errors import MachineError
from emu.machine.machine import Machine
from emu.machine.pictures import assert_image, write_picture
from emu.machine.steps import Steps
from emu.parts import Bh1750, Button, Led, Ssd1306

PICTURE = Path(__file__).with_name("pictures") / "oled.png"
"""By `assert_image(..., update=True)`."""


def test_steps_come_in_the_order_of_their_times(machine: Machine) -> None:
    machine.parts.attach(Button(), name="key", pin="PB5")
    lamp = machine.parts.attach(Led(), name="lamp", pin="PB0")
    light = machine.i2c.attach(Bh1750(), name="light")
    machine.uart1.write("lamp\n")
    machine.uart0.expect("lamp: ready")
    steps = Steps(machine).at(0.05).expect_pin("PB0", 0).release("key")
    steps.at(0.1).set("light", "lux", 5).press("key").at(0.15).expect_pin("PB0", 1)
    steps.at(0).expect_pin("PB0", 1).press("key").run(0.2)
    assert (lamp.switched, light.lux) == (3, 5.0)


def test_a_pin_that_is_otherwise_is_told_with_its_time(machine: Machine) -> None:
    with pytest.raises(AssertionError, match=r"at 0\.01 s: PB5 is low"):
        Steps(machine).at(0.01).drive("PB5", 0).expect_pin("PB5", 1).run()


def test_what_cannot_be_done_is_told_at_once(machine: Machine) -> None:
    machine.parts.attach(Led(), name="lamp", pin="PB0")
    with pytest.raises(MachineError, match="do: 'press' cannot be done to lamp"):
        Steps(machine).press("lamp")
    with pytest.raises(MachineError, match="set: lamp has no quantity 'lux': there are none"):
        Steps(machine).set("lamp", "lux", 1)


def test_a_run_that_ends_before_a_step_is_told(machine: Machine) -> None:
    machine.add_breakpoint("run_lamp")
    machine.uart1.write("lamp\n")
    with pytest.raises(MachineError, match="the run has ended before its next step: the address was reached"):
        Steps(machine).at(1).expect_pin("PB0", 1).run()
    machine.remove_breakpoint("run_lamp")


def test_a_display_shows_its_picture(machine: Machine, tmp_path: Path) -> None:
    machine.i2c.attach(Ssd1306(), name="oled")
    run(machine, "oled")
    Steps(machine).expect_image("oled", PICTURE).run()
    other = tmp_path / "other.png"
    write_picture(machine, "oled", other)
    with Image.open(other) as image:
        changed = image.convert("RGB")
    changed.putpixel((3, 5), (1, 2, 3))
    changed.save(other)
    with pytest.raises(
        AssertionError, match=r"1 pixels differ, within \(3, 5, 4, 6\); it shows .*other\.actual\.png"
    ):
        assert_image(machine, "oled", other)
    assert_image(machine, "oled", tmp_path / "other.actual.png")


def test_pictures_that_cannot_be_are_told(machine: Machine, tmp_path: Path) -> None:
    machine.parts.attach(Led(), name="lamp", pin="PB0")
    machine.i2c.attach(Ssd1306(), name="oled")
    with pytest.raises(LoadError, match="lamp is a led, which shows no picture"):
        write_picture(machine, "lamp", tmp_path / "lamp.png")
    with pytest.raises(AssertionError, match="there is no such file yet"):
        assert_image(machine, "oled", tmp_path / "new.png")
    Image.new("RGB", (8, 8)).save(tmp_path / "small.png")
    with pytest.raises(AssertionError, match="128 x 64 pixels instead of 8 x 8"):
        assert_image(machine, "oled", tmp_path / "small.png")
