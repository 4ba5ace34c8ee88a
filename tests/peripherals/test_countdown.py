"""Tick arithmetic: exact, without drift, whoever calls late."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.clock import FakeClock

from peripherals.framework.countdown import Countdown


class Expiries:
    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.times_ns: list[int] = []
        self.passed = 0

    def __call__(self, passed: int) -> None:
        self.times_ns.append(self._clock.now_ns)
        self.passed += passed


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def expiries(clock: FakeClock) -> Expiries:
    return Expiries(clock)


def countdown(
    clock: FakeClock, expiries: Expiries, *, period: int, hz: int, periodic: bool = True
) -> Countdown:
    timer = Countdown(clock, expiries, periodic=periodic)
    timer.frequency_hz = hz
    timer.period = period
    return timer


def test_expires_at_the_tick_and_not_before(clock: FakeClock, expiries: Expiries) -> None:
    countdown(clock, expiries, period=4, hz=40_000_000).restart()
    clock.advance(99)
    assert expiries.times_ns == []
    clock.advance(1)
    assert expiries.times_ns == [100]


def test_counts_down_by_whole_ticks(clock: FakeClock, expiries: Expiries) -> None:
    timer = countdown(clock, expiries, period=4, hz=40_000_000)
    timer.restart()
    left = []
    for _ in range(6):
        left.append(timer.left)
        clock.advance(25)
    assert left == [4, 3, 2, 1, 4, 3]
    clock.jump(24)
    assert timer.left == 2
    clock.jump(1)
    assert timer.left == 1


def test_frequencies_that_do_not_divide_a_second_do_not_drift(clock: FakeClock, expiries: Expiries) -> None:
    countdown(clock, expiries, period=1, hz=3).restart()
    clock.advance(1_000_000_000)
    assert expiries.times_ns == [333_333_334, 666_666_667, 1_000_000_000]


def test_one_shot_stops_at_zero(clock: FakeClock, expiries: Expiries) -> None:
    timer = countdown(clock, expiries, period=2, hz=1_000_000, periodic=False)
    timer.restart()
    clock.advance(10_000)
    assert expiries.times_ns == [2_000]
    assert (timer.left, timer.is_running) == (0, False)


def test_stop_holds_the_count_and_resume_goes_on(clock: FakeClock, expiries: Expiries) -> None:
    timer = countdown(clock, expiries, period=10, hz=1_000_000)
    timer.restart()
    clock.advance(4_000)
    timer.stop()
    clock.advance(50_000)
    assert timer.left == 6
    timer.resume()
    clock.advance(5_999)
    assert expiries.times_ns == []
    clock.advance(1)
    assert expiries.times_ns == [60_000]


def test_a_new_period_counts_from_the_next_reload(clock: FakeClock, expiries: Expiries) -> None:
    timer = countdown(clock, expiries, period=10, hz=1_000_000)
    timer.restart()
    timer.period = 3
    clock.advance(16_000)
    assert expiries.times_ns == [10_000, 13_000, 16_000]


def test_a_new_frequency_keeps_the_ticks_left(clock: FakeClock, expiries: Expiries) -> None:
    timer = countdown(clock, expiries, period=10, hz=1_000_000)
    timer.restart()
    clock.advance(4_000)
    timer.frequency_hz = 2_000_000
    assert timer.left == 6
    clock.advance(3_000)
    assert expiries.times_ns == [7_000]


def test_time_does_not_pass_while_the_clock_stands_still(clock: FakeClock, expiries: Expiries) -> None:
    timer = countdown(clock, expiries, period=10, hz=1_000_000)
    timer.restart()
    clock.advance(4_000)
    timer.hold(True)
    snapshot = timer.save()
    clock.advance(50_000)
    assert (timer.left, expiries.times_ns) == (6, [])
    timer.restore(snapshot)
    timer.hold(False)
    clock.advance(6_000)
    assert expiries.times_ns == [60_000]


def test_what_did_not_count_does_not_begin_when_the_clock_goes_on(
    clock: FakeClock, expiries: Expiries
) -> None:
    timer = countdown(clock, expiries, period=10, hz=1_000_000)
    timer.restart()
    timer.stop()
    timer.hold(True)
    timer.hold(False)
    assert not timer.is_running
    timer.restart()
    timer.hold(True)
    timer.restart(0)
    timer.hold(False)
    assert not timer.is_running


def test_a_period_of_zero_never_expires(clock: FakeClock, expiries: Expiries) -> None:
    timer = countdown(clock, expiries, period=0, hz=1_000_000)
    timer.restart()
    clock.advance(10_000)
    assert (timer.left, expiries.times_ns) == (0, [])


def test_the_period_may_become_zero_while_counting(clock: FakeClock, expiries: Expiries) -> None:
    timer = countdown(clock, expiries, period=5, hz=1_000_000)
    timer.restart()
    timer.period = 0
    clock.advance(50_000)
    assert expiries.times_ns == [5_000]


def test_a_late_clock_is_told_how_many_periods_passed(clock: FakeClock, expiries: Expiries) -> None:
    timer = countdown(clock, expiries, period=10, hz=1_000_000)
    timer.restart()
    clock.jump(34_000)
    assert timer.left == 6
    timer.catch_up()
    assert (expiries.times_ns, expiries.passed) == ([34_000], 3)
    clock.advance(6_000)
    assert expiries.times_ns == [34_000, 40_000]


def test_the_handler_may_stop_it(clock: FakeClock) -> None:
    fired: list[int] = []

    def stop(passed: int) -> None:
        fired.append(passed)
        timer.stop()

    timer = Countdown(clock, stop)
    timer.frequency_hz = 1_000_000
    timer.period = 5
    timer.restart()
    clock.advance(50_000)
    assert fired == [1]


def test_a_snapshot_goes_on_at_the_same_tick(clock: FakeClock, expiries: Expiries) -> None:
    timer = countdown(clock, expiries, period=7, hz=3)
    timer.restart()
    clock.advance(1_000_000_000)
    snapshot = timer.save()
    timer.restart(100)
    timer.restore(snapshot)
    assert timer.left == 4
    clock.advance(1_333_333_334)
    assert expiries.times_ns == [2_333_333_334]


def test_what_is_foreseen_follows_whatever_changes(clock: FakeClock, expiries: Expiries) -> None:
    timer = countdown(clock, expiries, period=1000, hz=1_000_000)
    timer.restart()
    snapshot = timer.save()

    def set_frequency() -> None:
        timer.frequency_hz = 3_000_000

    changes: list[Callable[[], None]] = [
        lambda: None,
        lambda: timer.restart(77),
        set_frequency,
        lambda: timer.hold(True),
        lambda: timer.hold(False),
        lambda: timer.restore(snapshot),
        timer.stop,
        timer.resume,
    ]
    for change in changes:
        change()
        for _ in range(3):
            clock.advance(1_234)
            assert timer.outlook.count is None or timer.outlook.count.at(clock.now_ns) == timer.left
    assert timer.outlook.count is not None


@given(
    hz=st.integers(1, 500_000_000),
    period=st.integers(1, 1000),
    steps=st.lists(st.integers(0, 10**7), max_size=20),
)
def test_expiries_are_counted_exactly_however_time_is_cut(hz: int, period: int, steps: list[int]) -> None:
    clock = FakeClock()
    expiries = Expiries(clock)
    timer = countdown(clock, expiries, period=period, hz=hz)
    timer.restart()
    for step_ns in steps:
        clock.jump(step_ns)
        timer.catch_up()
    ticks = clock.now_ns * hz // 1_000_000_000
    assert expiries.passed == ticks // period
    assert timer.left == period - ticks % period
