"""The pins by name, from outside the chip."""

from __future__ import annotations

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from emu.soc.pins import PinError, Pins
from peripherals.gpio import Gpio, PinLoopError


@pytest.fixture
def pins(world: FakeWorld) -> Pins:
    return Pins(*(Gpio(name, world.environment, FakeLine()) for name in ("gpio_a", "gpio_b")))


def set_output(port: Gpio, pin: int, level: int) -> None:
    port.write(port.data_enable.offset, 1 << pin)
    port.write(port.direction.offset, 1 << pin)
    port.write(port.data.offset, level << pin)


def test_a_button_pulls_its_pin_low_and_lets_go(pins: Pins) -> None:
    port = pins.ports[1]
    port.write(port.pull_up.offset, 0)
    button = pins["PB5"]
    assert (button.level, port.is_high(5), port.is_high(4)) == (True, True, True)
    button.drive(0)
    assert (button.level, port.is_high(5), port.is_high(4)) == (False, False, True)
    button.release()
    assert (button.level, port.is_high(5), port.is_high(4)) == (True, True, True)


def test_a_change_is_told_whoever_makes_it(pins: Pins) -> None:
    heard: list[object] = []
    pins["PA3"].on_change(lambda _, level: heard.append(level))
    pins["PA3"].on_change(lambda _, level: heard.append("also"))
    pins["PA3"].drive(1)
    pins["PA4"].drive(1)
    pins["PA3"].drive(1)
    pins["PA3"].release()
    set_output(pins.ports[0], 3, 1)
    assert heard == [True, "also", False, "also", True, "also"]


def test_all_hear_of_changes_in_their_order_also_of_those_that_a_listener_makes(pins: Pins) -> None:
    heard: list[str] = []
    pins["PA0"].on_change(lambda _, level: pins["PA1"].drive(level))
    for name in ("PA0", "PA1"):
        pins[name].on_change(lambda _, level, name=name: heard.append(f"{name} {level:d}"))  # type: ignore[misc]
    pins["PA0"].drive(1)
    pins["PA0"].drive(0)
    assert heard == ["PA0 1", "PA1 1", "PA0 0", "PA1 0"]


@pytest.mark.parametrize("name", ["PB5", "pb5", "PB_05", "pb05"])
def test_names_are_taken_as_people_write_them(pins: Pins, name: str) -> None:
    assert pins[name] is pins["PB5"]
    assert name in pins


@pytest.mark.parametrize("name", ["PA16", "PB32", "PC0", "5", "", "PB-5", "PB5x", 5])
def test_an_unknown_pin_is_refused_in_one_line(pins: Pins, name: str) -> None:
    with pytest.raises(PinError) as caught:
        pins[name]
    assert str(caught.value) == f"{name!r} is no pin: there are PA0 to PA15 and PB0 to PB31"
    assert name not in pins


@pytest.mark.parametrize("level", [2, -1, None, "high"])
def test_a_level_is_high_or_low(pins: Pins, level: int) -> None:
    with pytest.raises(ValueError, match=r"PA0: .* is no level"):
        pins["PA0"].drive(level)


def test_the_walk_over_all_pins_is_in_order(pins: Pins) -> None:
    assert [*pins][:2] == ["PA0", "PA1"]
    assert [*pins][-1] == "PB31"
    assert len(pins) == 48


def test_listeners_that_never_come_to_rest_are_told_apart_from_others(pins: Pins) -> None:
    pin = pins["PB5"]
    pin.on_change(lambda _, level: pin.drive(not level))
    with pytest.raises(PinLoopError, match="gpio_b: pins change without end"):
        pin.drive(not pin.level)
