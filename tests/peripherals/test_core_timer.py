"""The core timer alone, at a CPU clock of 100 MHz: 10 ns."""

from dataclasses import dataclass

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.core_timer import CoreTimer
from peripherals.framework.reset import ResetCause

TICK_NS = 10
ENABLE, INTERRUPT, CORE_CLOCK, EXPIRED = 1, 2, 4, 1 << 16
RUN = ENABLE | INTERRUPT | CORE_CLOCK


@dataclass
class Bench:
    timer: CoreTimer
    world: FakeWorld
    irq: FakeLine

    def configure(self, ticks: int, control: int = RUN) -> None:
        """As csi_coret_config does."""
        self.timer.write(self.timer.reload.offset, ticks - 1)
        self.timer.write(self.timer.current.offset, 0)
        self.timer.write(self.timer.control.offset, control)

    def control(self) -> int:
        return self.timer.read(self.timer.control.offset)

    def current(self) -> int:
        return self.timer.read(self.timer.current.offset)

    def advance_ticks(self, ticks: int) -> None:
        self.world.clock.advance(ticks * TICK_NS)


@pytest.fixture
def bench(world: FakeWorld) -> Bench:
    world.frequencies.cpu_hz = 100_000_000
    irq = FakeLine()
    timer = CoreTimer("core_timer", world.environment, irq)
    timer.reset()
    return Bench(timer, world, irq)


def test_ticks_at_the_period_and_not_before(bench: Bench) -> None:
    bench.configure(1000)
    bench.world.clock.advance(1000 * TICK_NS - 1)
    assert not bench.irq.is_high()
    bench.world.clock.advance(1)
    assert bench.irq.is_high()


def test_reading_control_tells_once_and_lowers_the_line(bench: Bench) -> None:
    bench.configure(1000)
    bench.advance_ticks(1000)
    assert bench.control() == EXPIRED | RUN
    assert not bench.irq.is_high()
    assert bench.control() == RUN


def test_ticks_keep_their_distance(bench: Bench) -> None:
    bench.configure(1000)
    for tick in range(1, 6):
        bench.advance_ticks(1000)
        assert bench.irq.rises == tick
        bench.control()


def test_the_current_value_goes_from_zero_to_the_reload_value_and_down(bench: Bench) -> None:
    bench.configure(4)
    values = []
    for _ in range(6):
        values.append(bench.current())
        bench.advance_ticks(1)
    assert values == [0, 3, 2, 1, 0, 3]


def test_writing_current_starts_anew_and_clears_the_flag(bench: Bench) -> None:
    bench.configure(10)
    bench.advance_ticks(13)
    bench.timer.write(bench.timer.current.offset, 7)
    assert not bench.irq.is_high()
    assert (bench.current(), bench.control()) == (0, RUN)
    bench.advance_ticks(9)
    assert not bench.irq.is_high()
    bench.advance_ticks(1)
    assert bench.irq.is_high()


def test_without_interrupt_only_the_flag_is_set(bench: Bench) -> None:
    bench.configure(10, ENABLE | CORE_CLOCK)
    bench.advance_ticks(10)
    assert not bench.irq.is_high()
    assert bench.control() & EXPIRED


def test_a_disabled_timer_holds_its_value(bench: Bench) -> None:
    bench.configure(10)
    bench.advance_ticks(4)
    bench.timer.write(bench.timer.control.offset, 0)
    bench.advance_ticks(100)
    assert bench.current() == 6
    bench.timer.write(bench.timer.control.offset, RUN)
    bench.advance_ticks(6)
    assert bench.irq.is_high()


def test_a_reload_value_written_while_counting_waits_for_the_next_period(bench: Bench) -> None:
    bench.configure(10)
    bench.advance_ticks(5)
    bench.timer.write(bench.timer.reload.offset, 4)
    assert bench.current() == 5
    bench.advance_ticks(5)
    assert bench.irq.rises == 1
    bench.control()
    bench.advance_ticks(5)
    assert bench.irq.rises == 2


def test_enabled_before_the_reload_value_is_known(bench: Bench) -> None:
    bench.timer.write(bench.timer.control.offset, RUN)
    bench.advance_ticks(100)
    assert (bench.current(), bench.irq.rises) == (0, 0)
    bench.timer.write(bench.timer.reload.offset, 9)
    bench.advance_ticks(10)
    assert bench.irq.rises == 1


def test_a_reload_value_of_zero_stops_it(bench: Bench) -> None:
    bench.configure(10)
    bench.timer.write(bench.timer.reload.offset, 0)
    bench.advance_ticks(100)
    assert (bench.current(), bench.irq.rises) == (0, 0)


def test_a_faster_cpu_ticks_faster(bench: Bench) -> None:
    bench.configure(1000)
    bench.advance_ticks(500)
    bench.world.frequencies.cpu_hz = 200_000_000
    bench.timer.clocks_changed()
    assert bench.current() == 500
    bench.world.clock.advance(500 * TICK_NS // 2 - 1)
    assert not bench.irq.is_high()
    bench.world.clock.advance(1)
    assert bench.irq.is_high()


def test_an_expiry_within_the_slice_is_seen_by_a_poll(bench: Bench) -> None:
    bench.configure(10)
    bench.world.clock.jump(10 * TICK_NS)
    assert bench.control() & EXPIRED


def test_a_reset_stops_it(bench: Bench) -> None:
    bench.configure(10)
    bench.advance_ticks(10)
    bench.timer.reset(ResetCause.WATCHDOG)
    assert not bench.irq.is_high()
    bench.advance_ticks(100)
    assert (bench.irq.rises, bench.current(), bench.control()) == (1, 0, CORE_CLOCK)


def test_a_snapshot_goes_on_counting(bench: Bench) -> None:
    bench.configure(10)
    bench.advance_ticks(4)
    snapshot = bench.timer.save()
    bench.timer.reset()
    bench.timer.restore(snapshot)
    assert bench.current() == 6
    bench.advance_ticks(6)
    assert bench.irq.is_high()
