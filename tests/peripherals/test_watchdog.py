"""The watchdog alone; one APB clock at 40 MHz is 25 ns."""

from dataclasses import dataclass, field

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.framework.reset import ResetCause
from peripherals.watchdog import RESET_DELAY_NS, Watchdog

TICK_NS = 25
ENABLE, RESET = 1, 2


@dataclass
class Dog:
    watchdog: Watchdog
    world: FakeWorld
    irq: FakeLine
    resets: list[int] = field(default_factory=list)

    def load(self, ticks: int) -> None:
        self.watchdog.write(self.watchdog.load.offset, ticks)

    def control(self, bits: int) -> None:
        self.watchdog.write(self.watchdog.control.offset, bits)

    def clear(self) -> None:
        self.watchdog.write(self.watchdog.interrupt_clear.offset, 1)

    def advance_ticks(self, ticks: int) -> None:
        self.world.clock.advance(ticks * TICK_NS)

    @property
    def value(self) -> int:
        return self.watchdog.read(self.watchdog.value.offset)


@pytest.fixture
def dog(world: FakeWorld) -> Dog:
    irq = FakeLine()
    dog = Dog(Watchdog("watchdog", world.environment, irq), world, irq)
    dog.watchdog.reset()
    dog.watchdog.request_reset = lambda: dog.resets.append(world.clock.now_ns)
    return dog


def test_does_nothing_until_enabled(dog: Dog) -> None:
    dog.load(10)
    dog.advance_ticks(100)
    assert (dog.value, dog.irq.is_high(), dog.resets) == (10, False, [])


def test_it_tells_how_long_it_may_be_neglected(dog: Dog) -> None:
    dog.load(10)
    dog.control(ENABLE)
    told = [dog.watchdog.reset_in_ns]
    dog.control(ENABLE | RESET)
    for ticks in (0, 10, 9):
        dog.advance_ticks(ticks)
        told.append(dog.watchdog.reset_in_ns)
    assert (told, dog.resets) == ([None, 20 * TICK_NS, 10 * TICK_NS, TICK_NS], [])
    dog.advance_ticks(1)
    assert dog.watchdog.reset_in_ns == RESET_DELAY_NS


def test_the_first_expiry_interrupts(dog: Dog) -> None:
    dog.load(10)
    dog.control(ENABLE | RESET)
    dog.world.clock.advance(10 * TICK_NS - 1)
    assert not dog.irq.is_high()
    dog.world.clock.advance(1)
    assert (dog.irq.is_high(), dog.resets) == (True, [])
    assert dog.watchdog.read(dog.watchdog.interrupt_state.offset) == 1


def test_the_second_expiry_resets_unless_cleared(dog: Dog) -> None:
    dog.load(10)
    dog.control(ENABLE | RESET)
    dog.world.clock.advance(20 * TICK_NS + RESET_DELAY_NS - 1)
    assert dog.resets == []
    dog.world.clock.advance(1)
    assert dog.resets == [20 * TICK_NS + RESET_DELAY_NS]


def test_the_driver_has_time_to_keep_the_reason_after_its_last_count_of_1(dog: Dog) -> None:
    dog.load(1)
    dog.control(ENABLE | RESET)
    dog.world.clock.advance(2 * TICK_NS + 500)
    assert dog.resets == []
    dog.world.clock.advance(RESET_DELAY_NS)
    assert dog.resets == [2 * TICK_NS + RESET_DELAY_NS]


def test_a_snapshot_keeps_the_reset_that_is_coming(dog: Dog) -> None:
    dog.load(1)
    dog.control(ENABLE | RESET)
    dog.advance_ticks(2)
    snapshot = dog.watchdog.save()
    dog.watchdog.reset(ResetCause.SOFTWARE)
    dog.world.clock.advance(RESET_DELAY_NS)
    assert dog.resets == []
    dog.watchdog.restore(snapshot)
    dog.world.clock.advance(0)
    assert len(dog.resets) == 1


def test_cleared_in_time_it_only_interrupts_again(dog: Dog) -> None:
    dog.load(10)
    dog.control(ENABLE | RESET)
    for _ in range(5):
        dog.advance_ticks(10)
        assert dog.irq.is_high()
        dog.clear()
        assert not dog.irq.is_high()
    assert (dog.irq.rises, dog.resets) == (5, [])


def test_clearing_starts_the_count_anew(dog: Dog) -> None:
    dog.load(10)
    dog.control(ENABLE | RESET)
    dog.advance_ticks(15)
    dog.clear()
    assert dog.value == 10


def test_without_reset_enable_there_is_no_reset(dog: Dog) -> None:
    dog.load(10)
    dog.control(ENABLE)
    dog.advance_ticks(100)
    assert (dog.irq.rises, dog.resets) == (1, [])


def test_feeding_puts_the_expiry_off(dog: Dog) -> None:
    dog.load(10)
    dog.control(ENABLE | RESET)
    for _ in range(10):
        dog.advance_ticks(9)
        dog.load(dog.watchdog.read(dog.watchdog.load.offset))
    assert dog.irq.rises == 0


def test_the_value_counts_down(dog: Dog) -> None:
    dog.load(10)
    dog.control(ENABLE)
    dog.advance_ticks(3)
    assert dog.value == 7


def test_disabling_stops_it_and_lowers_the_line(dog: Dog) -> None:
    dog.load(10)
    dog.control(ENABLE | RESET)
    dog.advance_ticks(10)
    dog.control(0)
    assert not dog.irq.is_high()
    dog.advance_ticks(100)
    assert dog.resets == []


def test_the_reboot_sequence_of_the_sdk_resets_after_two_periods(dog: Dog) -> None:
    """wm_hal_wdt_set_counter_value(0x100), as wm_ota_ops_reboot calls it with interrupts off."""
    dog.control(0)
    dog.clear()
    dog.load(0x100)
    dog.clear()
    dog.control(RESET)
    dog.control(RESET | ENABLE)
    dog.world.clock.advance(12_800 + RESET_DELAY_NS - 1)
    assert dog.resets == []
    dog.world.clock.advance(1)
    assert dog.resets == [12_800 + RESET_DELAY_NS]


def test_a_clock_that_comes_late_by_two_periods_still_resets(dog: Dog) -> None:
    dog.load(1)
    dog.control(ENABLE | RESET)
    dog.world.clock.jump(10 * TICK_NS)
    dog.world.clock.advance(RESET_DELAY_NS)
    assert len(dog.resets) == 1


def test_it_counts_the_apb_clock(dog: Dog) -> None:
    dog.load(10)
    dog.control(ENABLE)
    dog.advance_ticks(5)
    dog.world.frequencies.apb_hz = 20_000_000
    dog.watchdog.clocks_changed()
    dog.advance_ticks(9)
    assert not dog.irq.is_high()
    dog.advance_ticks(1)
    assert dog.irq.is_high()


def test_a_reset_disables_it(dog: Dog) -> None:
    dog.load(10)
    dog.control(ENABLE | RESET)
    dog.advance_ticks(10)
    dog.watchdog.reset(ResetCause.WATCHDOG)
    dog.advance_ticks(1000)
    assert (dog.irq.is_high(), dog.resets) == (False, [])
    assert dog.value == 0xFFFF_FFFF


def test_a_snapshot_goes_on_counting(dog: Dog) -> None:
    dog.load(10)
    dog.control(ENABLE | RESET)
    dog.advance_ticks(4)
    snapshot = dog.watchdog.save()
    dog.control(0)
    dog.watchdog.restore(snapshot)
    assert dog.value == 6
    dog.advance_ticks(6)
    assert dog.irq.is_high()


def test_a_starved_one_is_not_fed(dog: Dog) -> None:
    dog.load(10)
    dog.control(ENABLE | RESET)
    dog.watchdog.is_starved = True
    for _ in range(9):
        dog.advance_ticks(1)
        dog.load(10)
        dog.clear()
    assert dog.value == 1
    dog.advance_ticks(1)
    dog.clear()
    dog.world.clock.advance(RESET_DELAY_NS)
    assert len(dog.resets) == 1
    dog.watchdog.reset(ResetCause.WATCHDOG)
    assert not dog.watchdog.is_starved
