"""The real-time clock alone."""

from dataclasses import dataclass

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.framework.reset import ResetCause
from peripherals.rtc import Rtc

SECOND_NS = 1_000_000_000
COUNT, ALARM = 1 << 16, 1 << 31


def time(day: int, hour: int, minute: int, second: int) -> int:
    return day << 24 | hour << 16 | minute << 8 | second


def date(year: int, month: int) -> int:
    return year - 2000 << 8 | month


@dataclass
class Bench:
    rtc: Rtc
    world: FakeWorld
    alarm: FakeLine

    def set(self, date_word: int, time_word: int) -> None:
        """As wm_hal_rtc_set_time: stop, every field by read-modify-write, start."""
        self.rtc.write(self.rtc.date.offset, 0)
        self.rtc.write(self.rtc.date.offset, date_word & 0x7F00)
        self.rtc.write(self.rtc.date.offset, date_word)
        self.rtc.write(self.rtc.time.offset, time_word)
        self.rtc.write(self.rtc.date.offset, date_word | COUNT)

    def set_alarm(self, date_word: int, time_word: int) -> None:
        self.rtc.write(self.rtc.time.offset, time_word | ALARM)
        self.rtc.write(self.rtc.date.offset, date_word | COUNT)

    def now(self) -> tuple[int, int]:
        return self.rtc.read(self.rtc.date.offset) & 0xFFFF, self.rtc.read(self.rtc.time.offset) & 0x7FFF_FFFF


@pytest.fixture
def bench(world: FakeWorld) -> Bench:
    alarm = FakeLine()
    rtc = Rtc("rtc", world.environment, alarm)
    rtc.reset()
    return Bench(rtc, world, alarm)


def test_time_stands_still_until_enabled(bench: Bench) -> None:
    bench.rtc.write(bench.rtc.time.offset, time(3, 2, 1, 0))
    bench.world.clock.advance(5 * SECOND_NS)
    assert bench.now() == (0, time(3, 2, 1, 0))


def test_seconds_pass(bench: Bench) -> None:
    bench.set(date(2024, 7), time(1, 12, 0, 0))
    bench.world.clock.advance(59 * SECOND_NS + SECOND_NS - 1)
    assert bench.now() == (date(2024, 7), time(1, 12, 0, 59))
    bench.world.clock.advance(1)
    assert bench.now() == (date(2024, 7), time(1, 12, 1, 0))


def test_the_calendar_knows_leap_years(bench: Bench) -> None:
    bench.set(date(2024, 2), time(28, 23, 59, 59))
    bench.world.clock.advance(SECOND_NS)
    assert bench.now() == (date(2024, 2), time(29, 0, 0, 0))
    bench.set(date(2023, 12), time(31, 23, 59, 59))
    bench.world.clock.advance(SECOND_NS)
    assert bench.now() == (date(2024, 1), time(1, 0, 0, 0))


def test_the_last_year_is_followed_by_the_first(bench: Bench) -> None:
    bench.set(date(2127, 12), time(31, 23, 59, 59))
    bench.world.clock.advance(SECOND_NS)
    assert bench.now() == (date(2000, 1), time(1, 0, 0, 0))


def test_it_counts_from_zeroed_registers_as_well(bench: Bench) -> None:
    bench.rtc.write(bench.rtc.date.offset, COUNT)
    bench.world.clock.advance(61 * SECOND_NS)
    assert bench.now() == (date(2000, 1), time(1, 0, 1, 1))


def test_stopping_holds_the_time(bench: Bench) -> None:
    bench.set(date(2024, 7), time(1, 23, 59, 58))
    bench.world.clock.advance(3 * SECOND_NS)
    bench.rtc.write(bench.rtc.date.offset, bench.now()[0])
    bench.world.clock.advance(3 * SECOND_NS)
    assert bench.now() == (date(2024, 7), time(2, 0, 0, 1))


def test_a_byte_write_to_a_running_clock_moves_that_field_only(bench: Bench) -> None:
    bench.set(date(2024, 7), time(1, 12, 0, 50))
    bench.world.clock.advance(20 * SECOND_NS)
    bench.rtc.write(bench.rtc.time.offset + 2, 15, 1)
    assert bench.now() == (date(2024, 7), time(1, 15, 1, 10))


def test_the_alarm_rings_at_its_second_and_once(bench: Bench) -> None:
    bench.set(date(2024, 7), time(1, 12, 0, 0))
    bench.world.clock.advance(SECOND_NS // 2)
    bench.set_alarm(date(2024, 7), time(1, 12, 0, 10))
    assert bench.now() == (date(2024, 7), time(1, 12, 0, 0))
    bench.world.clock.advance(10 * SECOND_NS - 1)
    assert bench.alarm.rises == 0
    assert bench.rtc.read(bench.rtc.time.offset) & ALARM
    bench.world.clock.advance(1)
    assert (bench.alarm.rises, bench.alarm.is_high()) == (1, False)
    bench.world.clock.advance(1000 * SECOND_NS)
    assert bench.alarm.rises == 1


def test_an_alarm_in_the_past_never_rings(bench: Bench) -> None:
    bench.set(date(2024, 7), time(1, 12, 0, 0))
    bench.set_alarm(date(2023, 7), time(1, 12, 0, 10))
    bench.world.clock.advance(1000 * SECOND_NS)
    assert bench.alarm.rises == 0


def test_an_aborted_alarm_does_not_ring_and_the_time_goes_on(bench: Bench) -> None:
    bench.set(date(2024, 7), time(1, 12, 0, 0))
    bench.set_alarm(date(2024, 7), time(1, 12, 0, 10))
    bench.world.clock.advance(5 * SECOND_NS)
    bench.rtc.write(bench.rtc.time.offset, bench.rtc.read(bench.rtc.time.offset) & ~ALARM)
    bench.world.clock.advance(10 * SECOND_NS)
    assert bench.alarm.rises == 0
    assert bench.now() == (date(2024, 7), time(1, 12, 0, 15))


def test_the_watchdog_does_not_touch_it_but_the_loss_of_power_does(bench: Bench) -> None:
    bench.set(date(2024, 7), time(1, 12, 0, 0))
    bench.set_alarm(date(2024, 7), time(1, 12, 0, 10))
    bench.rtc.reset(ResetCause.WATCHDOG)
    bench.world.clock.advance(10 * SECOND_NS)
    assert bench.now() == (date(2024, 7), time(1, 12, 0, 10))
    assert bench.alarm.rises == 1
    bench.rtc.reset(ResetCause.POWER_ON)
    bench.world.clock.advance(10 * SECOND_NS)
    assert bench.now() == (0, 0)


def test_a_snapshot_holds_time_and_alarm(bench: Bench) -> None:
    bench.set(date(2024, 7), time(1, 12, 0, 0))
    bench.set_alarm(date(2024, 7), time(1, 12, 0, 10))
    bench.world.clock.advance(4 * SECOND_NS)
    snapshot = bench.rtc.save()
    bench.rtc.reset()
    bench.rtc.restore(snapshot)
    bench.world.clock.advance(6 * SECOND_NS)
    assert bench.now() == (date(2024, 7), time(1, 12, 0, 10))
    assert bench.alarm.rises == 1
