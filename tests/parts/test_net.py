"""Who makes the level of a pin, and who hears of it."""

from __future__ import annotations

import pytest
from support.parts import FakePin

from emu.parts.net import HIGH, LOW, Net, Signal


@pytest.fixture
def pin() -> FakePin:
    return FakePin()


@pytest.fixture
def net(pin: FakePin) -> Net:
    return pin.net


def test_a_sink_is_stronger_than_a_driver_and_that_than_a_resistor(net: Net) -> None:
    levels = []
    net.pull("resistor", False)
    levels.append(net.level)
    net.drive("gate", True)
    levels.append(net.level)
    net.sink("open drain", True)
    levels.append(net.level)
    net.sink("open drain", False)
    net.drive("gate", None)
    net.pull("resistor", None)
    assert [*levels, net.level] == [False, True, False, True]


def test_an_open_drain_that_lets_go_is_heard(net: Net) -> None:
    heard: list[bool] = []
    net.listen("test", heard.append)
    for is_low in (True, True, False, False):
        net.sink("one", is_low)
    assert heard == [False, True]


def test_a_line_is_low_until_the_last_sink_lets_go(net: Net) -> None:
    net.sink("one", True)
    net.sink("other", True)
    net.sink("one", False)
    assert not net.level
    net.leave("other")
    assert net.level


def test_two_that_drive_against_each_other_are_told(net: Net) -> None:
    told: list[str] = []
    net.on_conflict = told.append
    net.drive("one", True)
    assert told == []
    net.drive("other", False)
    assert set(told) == {"pin: one and other drive it to different levels"}


def test_an_output_of_the_chip_against_the_board_is_told_whoever_comes_last(pin: FakePin, net: Net) -> None:
    told: list[str] = []
    net.on_conflict = told.append
    net.drive("the board", False)
    pin.write(1)
    assert told == ["pin: the firmware drives it high, and the board against that"]
    assert net.level
    pin.write(None)
    pin.write(0)
    assert len(told) == 1
    net.drive("the board", True)
    assert told[1] == "pin: the firmware drives it low, and the board against that"


def test_an_open_drain_against_an_output_is_no_conflict(pin: FakePin, net: Net) -> None:
    told: list[str] = []
    net.on_conflict = told.append
    pin.write(1)
    net.sink("an acknowledging part", True)
    assert told == []


def test_what_a_block_puts_out_hides_the_pin(pin: FakePin, net: Net) -> None:
    heard: list[bool] = []
    signals: list[Signal] = []
    net.listen("test", heard.append)
    net.listen_to_signal("test", signals.append)
    net.put_block(Signal(0.25, 1000.0))
    pin.write(0)
    assert (net.signal, net.level) == (Signal(0.25, 1000.0), False)
    net.put_block(HIGH)
    net.put_block(None)
    assert net.signal == LOW
    assert heard == [False, True, False]
    assert signals == [Signal(0.25, 1000.0), HIGH, LOW]


def test_a_snapshot_holds_who_drives_it(pin: FakePin, net: Net) -> None:
    net.sink("one", True)
    net.drive("other", True)
    saved = net.save()
    other = FakePin()
    other.outside = pin.outside
    other.net.restore(saved)
    assert not other.net.level
    other.net.sink("one", False)
    assert other.net.level
