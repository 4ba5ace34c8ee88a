"""One port alone."""

from dataclasses import dataclass, field

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.framework.reset import ResetCause
from peripherals.gpio import Gpio


@dataclass
class Port:
    gpio: Gpio
    irq: FakeLine
    heard: list[tuple[int, bool]] = field(default_factory=list)

    def set(self, **registers: int) -> None:
        for name, value in registers.items():
            self.gpio.write(getattr(self.gpio, name).offset, value)

    def get(self, register: str) -> int:
        return self.gpio.read(getattr(self.gpio, register).offset)


@pytest.fixture
def port(world: FakeWorld) -> Port:
    irq = FakeLine()
    gpio = Gpio("gpio_a", world.environment, irq)
    gpio.reset()
    port = Port(gpio, irq)
    gpio.observers.append(lambda pin, level: port.heard.append((pin, level)))
    port.set(data_enable=0xFFFF)
    return port


def test_behind_a_reset_all_pins_can_be_read(port: Port) -> None:
    port.gpio.reset()
    port.gpio.drive(20, True)
    assert port.get("data") == 1 << 20


def test_an_output_follows_the_data(port: Port) -> None:
    port.set(direction=0b11, data=0b101)
    assert port.heard == [(0, True)]
    assert port.get("data") == 0b001
    port.set(data=0b010)
    assert port.heard[1:] == [(0, False), (1, True)]


def test_pins_not_enabled_are_neither_written_nor_read(port: Port) -> None:
    port.set(direction=0b11, data_enable=0b01, data=0b11)
    assert port.heard == [(0, True)]
    port.gpio.drive(5, True)
    assert port.get("data") == 0b01


def test_data_written_to_an_input_appears_when_it_becomes_an_output(port: Port) -> None:
    port.set(data=0b1)
    assert port.get("data") == 0
    port.set(direction=0b1)
    assert port.heard == [(0, True)]


def test_an_input_reads_what_drives_it(port: Port) -> None:
    port.gpio.drive(3, True)
    assert (port.get("data"), port.gpio.is_high(3)) == (0b1000, True)
    port.gpio.drive(3, False)
    assert port.get("data") == 0


def test_pulls_decide_where_nothing_drives(port: Port) -> None:
    port.set(pull_up=0xFFFF_FFFE)
    assert port.get("data") == 1
    port.gpio.drive(0, False)
    assert port.get("data") == 0
    port.gpio.drive(0, None)
    port.set(pull_down=1)
    assert port.get("data") == 0


def test_a_pin_given_to_another_block_is_not_an_output(port: Port) -> None:
    port.set(direction=1, alternate=1, data=1)
    assert (port.get("data"), port.heard) == (0, [])


def test_an_open_drain_output_that_is_released_is_heard(port: Port) -> None:
    port.set(pull_up=0xFFFF_FFFE)
    for direction in (1, 0, 1, 0):
        port.set(direction=direction)
    assert port.heard == [(0, True), (0, False), (0, True), (0, False), (0, True)]


def test_every_other_cause_of_a_change_is_heard_too(port: Port) -> None:
    port.gpio.drive(3, True)
    port.gpio.drive(3, None)
    port.set(pull_up=~8 & 0xFFFF_FFFF)
    port.set(pull_down=8)
    port.set(direction=8, data=8)
    port.set(alternate=8)
    port.set(alternate=0)
    port.gpio.reset(ResetCause.WATCHDOG)
    assert port.heard == [(3, level) for level in (True, False) * 4]


def test_what_changes_nothing_is_not_heard(port: Port) -> None:
    port.gpio.drive(3, False)
    port.set(direction=8, data=0)
    port.gpio.drive(3, True)
    assert port.heard == []


def test_whoever_hears_a_change_may_drive_pins(port: Port) -> None:
    def answer(pin: int, level: bool) -> None:
        port.heard.append((pin, level))
        if pin == 0:
            port.gpio.drive(1, level)
            port.gpio.drive(2, not level)

    port.gpio.observers[:] = [answer]
    port.set(direction=0b1001, data=0b1001)
    assert port.heard == [(0, True), (1, True), (3, True)]
    port.heard.clear()
    port.set(data=0)
    assert sorted(port.heard) == [(0, False), (1, False), (2, True), (3, False)]


def test_a_rising_edge_interrupts_until_cleared(port: Port) -> None:
    port.set(rising_or_high=0b10, interrupt_enable=0b10)
    port.gpio.drive(1, True)
    assert port.irq.is_high()
    port.gpio.drive(1, False)
    assert (port.get("interrupt_source"), port.get("interrupt_state")) == (0b10, 0b10)
    port.set(interrupt_clear=0b10)
    assert not port.irq.is_high()


def test_only_the_chosen_edge_counts(port: Port) -> None:
    port.set(interrupt_enable=1)
    port.gpio.drive(0, True)
    assert not port.irq.is_high()
    port.gpio.drive(0, False)
    assert port.irq.is_high()


def test_both_edges_count_if_chosen(port: Port) -> None:
    port.set(interrupt_enable=1, both_edges=1)
    for level in (True, False, True):
        port.gpio.drive(0, level)
        port.set(interrupt_clear=1)
    assert port.irq.rises == 3


def test_a_level_interrupts_as_long_as_it_lasts(port: Port) -> None:
    port.set(level=1, rising_or_high=1, interrupt_enable=1)
    assert not port.irq.is_high()
    port.gpio.drive(0, True)
    port.set(interrupt_clear=1)
    assert port.irq.is_high()
    port.gpio.drive(0, False)
    assert not port.irq.is_high()


def test_an_edge_is_kept_until_its_interrupt_is_enabled_or_it_is_cleared(port: Port) -> None:
    port.set(rising_or_high=0b11)
    port.gpio.drive(0, True)
    port.gpio.drive(1, True)
    assert (port.get("interrupt_source"), port.get("interrupt_state")) == (0b11, 0)
    assert not port.irq.is_high()
    port.set(interrupt_clear=0b10, interrupt_enable=0b10)
    assert not port.irq.is_high()
    port.set(interrupt_enable=0b01)
    assert (port.get("interrupt_state"), port.irq.is_high()) == (0b01, True)


def test_a_reset_releases_the_outputs_but_not_what_drives_the_inputs(port: Port) -> None:
    port.gpio.drive(4, True)
    port.set(direction=1, data=1, rising_or_high=1, interrupt_enable=1)
    port.gpio.reset(ResetCause.WATCHDOG)
    port.set(data_enable=0xFFFF)
    assert port.get("data") == 1 << 4
    assert (port.get("interrupt_source") & 1, port.irq.is_high()) == (0, False)


def test_a_snapshot_holds_pins_and_interrupts(port: Port) -> None:
    port.set(rising_or_high=1, interrupt_enable=1, direction=2, data=2)
    port.gpio.drive(0, True)
    snapshot = port.gpio.save()
    port.gpio.drive(0, None)
    port.gpio.reset()
    port.gpio.restore(snapshot)
    assert (port.get("data"), port.get("interrupt_state")) == (3, 1)


def test_a_pin_tells_which_function_it_has(port: Port) -> None:
    told: list[int] = []
    port.gpio.on_functions = lambda: told.append(port.gpio.function(3))
    high, low = (select.offset for select in port.gpio.function_select)
    port.set(alternate=1 << 3)
    for bits in (0b00, 0b01, 0b10, 0b11):
        port.gpio.write(high, (bits >> 1) << 3)
        port.gpio.write(low, (bits & 1) << 3)
        assert port.gpio.function(3) == 1 + bits
        assert told[-1] == 1 + bits
    port.set(alternate=0)
    assert (port.gpio.function(3), told[-1]) == (0, 0)


def test_a_pin_tells_whether_the_port_drives_it(port: Port) -> None:
    port.set(direction=0b11, alternate=0b10)
    assert [port.gpio.is_output(pin) for pin in range(3)] == [True, False, False]
