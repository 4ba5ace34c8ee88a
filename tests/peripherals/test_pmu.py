"""Power management alone."""

from dataclasses import dataclass, field

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.framework.reset import ResetCause
from peripherals.pmu import Pmu, PowerMode

SECOND_NS = 1_000_000_000
ENABLE = 1 << 16
STANDBY, SLEEP = 1, 2
TIMER0, TIMER1, WAKE_PIN, RTC, FROM_STANDBY, FROM_SLEEP = 1, 2, 4, 16, 1 << 7, 1 << 8


@dataclass
class Bench:
    pmu: Pmu
    world: FakeWorld
    irq: FakeLine
    events: list[tuple[str, PowerMode]] = field(default_factory=list)

    def write(self, **registers: int) -> None:
        for name, value in registers.items():
            self.pmu.write(getattr(self.pmu, name).offset, value)

    def flags(self) -> int:
        return self.pmu.read(self.pmu.flags.offset)


@pytest.fixture
def bench(world: FakeWorld) -> Bench:
    irq = FakeLine()
    pmu = Pmu("pmu", world.environment, irq)
    pmu.reset()
    bench = Bench(pmu, world, irq)
    pmu.on_sleep = lambda mode: bench.events.append(("sleep", mode))
    pmu.on_wake = lambda mode: bench.events.append(("wake", mode))
    return bench


def test_timer0_counts_seconds_again_and_again(bench: Bench) -> None:
    bench.write(timer0=2)
    bench.write(timer0=2 | ENABLE)
    bench.world.clock.advance(2 * SECOND_NS - 1)
    assert not bench.irq.is_high()
    bench.world.clock.advance(1)
    assert (bench.irq.is_high(), bench.flags()) == (True, TIMER0)
    bench.write(flags=TIMER0)
    assert not bench.irq.is_high()
    bench.world.clock.advance(2 * SECOND_NS)
    assert bench.irq.is_high()


def test_a_disabled_timer_is_silent(bench: Bench) -> None:
    bench.write(timer0=2 | ENABLE)
    bench.write(timer0=2)
    bench.world.clock.advance(10 * SECOND_NS)
    assert bench.flags() == 0


def test_timer1_counts_milliseconds(bench: Bench) -> None:
    bench.write(timer1=5 | ENABLE)
    bench.world.clock.advance(4_999_999)
    assert bench.flags() == 0
    bench.world.clock.advance(1)
    assert bench.flags() == TIMER1


def test_the_rtc_alarm_interrupts_until_acknowledged(bench: Bench) -> None:
    bench.pmu.rtc_alarm(True)
    bench.pmu.rtc_alarm(False)
    assert (bench.irq.is_high(), bench.flags()) == (True, RTC)
    bench.write(flags=RTC)
    assert not bench.irq.is_high()


def test_the_wake_pin_has_to_last(bench: Bench) -> None:
    bench.write(control=2 << 6)
    bench.pmu.drive_wake_pin(True)
    bench.world.clock.advance(100_000_000)
    bench.pmu.drive_wake_pin(False)
    bench.world.clock.advance(SECOND_NS)
    assert bench.flags() == 0
    bench.pmu.drive_wake_pin(True)
    bench.world.clock.advance(255_999_999)
    assert bench.flags() == 0
    bench.world.clock.advance(1)
    assert bench.flags() == WAKE_PIN


def test_sleep_ends_with_a_timer_and_goes_on(bench: Bench) -> None:
    bench.write(timer0=1 | ENABLE, control=SLEEP)
    assert bench.events == [("sleep", PowerMode.SLEEP)]
    bench.world.clock.advance(SECOND_NS)
    assert bench.events[1:] == [("wake", PowerMode.SLEEP)]
    assert bench.flags() == TIMER0 | FROM_SLEEP
    assert bench.pmu.read(bench.pmu.control.offset) == 0


def test_standby_ends_with_the_rtc_alarm_and_leaves_its_mark(bench: Bench) -> None:
    bench.write(control=STANDBY)
    bench.pmu.rtc_alarm(True)
    assert bench.events == [("sleep", PowerMode.STANDBY), ("wake", PowerMode.STANDBY)]
    bench.pmu.reset(ResetCause.WAKE_UP)
    assert bench.flags() == RTC | FROM_STANDBY
    bench.write(flags=FROM_STANDBY)
    assert bench.flags() == RTC


def test_an_event_that_is_already_there_ends_sleep_at_once(bench: Bench) -> None:
    bench.pmu.rtc_alarm(True)
    bench.write(control=SLEEP)
    assert bench.events == [("sleep", PowerMode.SLEEP), ("wake", PowerMode.SLEEP)]


def test_events_while_awake_wake_nobody(bench: Bench) -> None:
    bench.pmu.rtc_alarm(True)
    assert bench.events == []
    assert bench.flags() == RTC


def test_timers_outlive_the_watchdog_but_not_the_loss_of_power(bench: Bench) -> None:
    bench.write(timer0=2 | ENABLE)
    bench.pmu.reset(ResetCause.WATCHDOG)
    bench.world.clock.advance(2 * SECOND_NS)
    assert bench.flags() == TIMER0
    bench.pmu.reset(ResetCause.POWER_ON)
    bench.world.clock.advance(10 * SECOND_NS)
    assert bench.flags() == 0


def test_a_snapshot_holds_timers_and_mode(bench: Bench) -> None:
    bench.write(timer0=2 | ENABLE, control=SLEEP)
    snapshot = bench.pmu.save()
    bench.pmu.reset()
    bench.pmu.restore(snapshot)
    bench.world.clock.advance(2 * SECOND_NS)
    assert bench.events[-1] == ("wake", PowerMode.SLEEP)


def test_a_snapshot_holds_a_pressed_wake_pin(bench: Bench) -> None:
    bench.write(control=1 << 6)
    bench.pmu.drive_wake_pin(True)
    bench.world.clock.advance(28_000_000)
    snapshot = bench.pmu.save()
    bench.pmu.reset()
    bench.pmu.restore(snapshot)
    bench.world.clock.advance(99_999_999)
    assert bench.flags() == 0
    bench.world.clock.advance(1)
    assert bench.flags() == WAKE_PIN
