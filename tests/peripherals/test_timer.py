"""The six timers alone, with the APB clock at 40 MHz and the prescaler set for microseconds."""

from dataclasses import dataclass

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.framework.reset import ResetCause
from peripherals.timer import ENABLE, INTERRUPT_ENABLE, MILLISECONDS, ONCE, Timers

EXPIRED = 16


@dataclass
class Bench:
    timers: Timers
    world: FakeWorld
    irq: FakeLine

    @property
    def control(self) -> int:
        return self.timers.read(self.timers.control.offset)

    def set_control(self, n: int, bits: int) -> None:
        """Change one timer's bits by read, modify, write, as the driver does; flags read as 1 are cleared."""
        self.timers.write(self.timers.control.offset, self.control & ~(0xF << 5 * n) | bits << 5 * n)

    def start(self, n: int, period: int, bits: int) -> None:
        self.timers.write(self.timers.period[n].offset, period)
        self.set_control(n, bits | ENABLE)

    def elapsed(self, n: int) -> int:
        return self.timers.read(self.timers.current[n].offset)

    def advance_us(self, microseconds: int) -> None:
        self.world.clock.advance(microseconds * 1000)


@pytest.fixture
def bench(world: FakeWorld) -> Bench:
    irq = FakeLine()
    timers = Timers("timers", world.environment, irq)
    timers.reset()
    timers.write(timers.config.offset, 39)
    return Bench(timers, world, irq)


def test_interrupts_at_the_period_and_not_before(bench: Bench) -> None:
    bench.start(0, 100, INTERRUPT_ENABLE)
    bench.world.clock.advance(99_999)
    assert not bench.irq.is_high()
    bench.world.clock.advance(1)
    assert bench.irq.is_high()


def test_counts_milliseconds(bench: Bench) -> None:
    bench.start(1, 5, INTERRUPT_ENABLE | MILLISECONDS)
    bench.world.clock.advance(4_999_999)
    assert not bench.irq.is_high()
    bench.world.clock.advance(1)
    assert bench.irq.is_high()


def test_once_means_once(bench: Bench) -> None:
    bench.start(0, 10, INTERRUPT_ENABLE | ONCE)
    bench.advance_us(10)
    bench.set_control(0, ENABLE | INTERRUPT_ENABLE | ONCE)
    bench.advance_us(100)
    assert (bench.irq.is_high(), bench.irq.rises) == (False, 1)


def test_goes_on_unless_told_once(bench: Bench) -> None:
    bench.start(0, 10, INTERRUPT_ENABLE)
    for expiry in range(1, 4):
        bench.advance_us(10)
        assert bench.irq.rises == expiry
        bench.timers.write(bench.timers.control.offset, bench.control)
        assert not bench.irq.is_high()


def test_without_its_enable_the_flag_is_set_but_the_line_stays_low(bench: Bench) -> None:
    bench.start(2, 10, 0)
    bench.advance_us(10)
    assert bench.control >> 10 & EXPIRED
    assert not bench.irq.is_high()


def test_the_six_share_the_line(bench: Bench) -> None:
    bench.start(3, 10, INTERRUPT_ENABLE)
    bench.start(5, 20, INTERRUPT_ENABLE)
    bench.advance_us(20)
    bench.timers.write(bench.timers.control.offset, bench.control & ~(EXPIRED << 15))
    assert bench.control >> 15 & EXPIRED
    assert bench.irq.is_high()
    bench.timers.write(bench.timers.control.offset, bench.control)
    assert not bench.irq.is_high()


def test_the_current_value_counts_up(bench: Bench) -> None:
    bench.start(0, 100, 0)
    bench.advance_us(30)
    assert bench.elapsed(0) == 30
    bench.advance_us(75)
    assert bench.elapsed(0) == 5


def test_disabling_stops(bench: Bench) -> None:
    bench.start(0, 10, INTERRUPT_ENABLE)
    bench.set_control(0, INTERRUPT_ENABLE)
    bench.advance_us(100)
    assert bench.irq.rises == 0


def test_enabling_again_starts_from_the_beginning(bench: Bench) -> None:
    bench.start(0, 10, INTERRUPT_ENABLE)
    bench.advance_us(6)
    bench.set_control(0, INTERRUPT_ENABLE)
    bench.start(0, 10, INTERRUPT_ENABLE)
    bench.advance_us(9)
    assert not bench.irq.is_high()
    bench.advance_us(1)
    assert bench.irq.is_high()


def test_a_change_to_one_timer_does_not_disturb_another(bench: Bench) -> None:
    bench.start(0, 10, INTERRUPT_ENABLE)
    bench.advance_us(6)
    bench.start(1, 50, 0)
    bench.advance_us(4)
    assert bench.irq.is_high()


def test_a_snapshot_goes_on_counting(bench: Bench) -> None:
    bench.start(4, 10, INTERRUPT_ENABLE)
    bench.advance_us(4)
    snapshot = bench.timers.save()
    bench.timers.reset(ResetCause.SOFTWARE)
    bench.timers.restore(snapshot)
    bench.world.clock.advance(5_999)
    assert not bench.irq.is_high()
    bench.world.clock.advance(1)
    assert bench.irq.is_high()


def test_a_reset_stops_everything(bench: Bench) -> None:
    bench.start(0, 10, INTERRUPT_ENABLE)
    bench.advance_us(10)
    bench.timers.reset(ResetCause.WATCHDOG)
    assert not bench.irq.is_high()
    bench.advance_us(100)
    assert (bench.irq.rises, bench.control) == (1, 0x0631_8C63)
