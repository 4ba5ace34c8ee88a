"""Virtual time is exact, in integers, and alarms fire in a fixed order."""

from fractions import Fraction

import pytest

from emu.clock import VirtualClock
from peripherals.framework.outlook import Count, Outlook


class FakeEngine:
    def __init__(self) -> None:
        self.elapsed = 0
        self.ends: list[int] = []

    def count(self) -> int:
        return self.elapsed

    def end_at(self, elapsed: int) -> None:
        self.ends.append(elapsed)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


def clock_of(engine: FakeEngine, cpu_hz: int = 80_000_000, cycles: int | Fraction = 1) -> VirtualClock:
    clock = VirtualClock(cpu_hz, cycles)
    clock.connect(engine)
    return clock


def test_time_is_cost_over_the_cpu_clock(engine: FakeEngine) -> None:
    clock = clock_of(engine)
    engine.elapsed = 80_000_000
    assert clock.now_ns == 1_000_000_000


def test_a_clock_that_does_not_divide_a_second_does_not_drift(engine: FakeEngine) -> None:
    clock = clock_of(engine, cpu_hz=240_000_000)
    engine.elapsed = 7
    assert clock.now_ns == 29
    engine.elapsed = 240_000_000 * 3600
    assert clock.now_ns == 3600 * 1_000_000_000


def test_cycles_per_unit_of_cost_stretch_time_and_may_be_a_fraction(engine: FakeEngine) -> None:
    clock = clock_of(engine, cycles=Fraction(3, 2))
    engine.elapsed = 80
    assert clock.now_ns == 1500


def test_cycles_per_unit_must_be_positive() -> None:
    with pytest.raises(ValueError, match="more than 0"):
        VirtualClock(80_000_000, 0)


def test_another_cpu_clock_counts_from_the_change_on(engine: FakeEngine) -> None:
    clock = clock_of(engine)
    engine.elapsed = 80
    clock.cpu_hz = 40_000_000
    assert clock.now_ns == 1000
    engine.elapsed += 40
    assert clock.now_ns == 2000


@pytest.mark.parametrize("due_ns", [0, 1, 12, 13, 1000, 999_999_999])
def test_the_budget_until_a_time_is_just_enough(engine: FakeEngine, due_ns: int) -> None:
    clock = clock_of(engine, cpu_hz=240_000_000)
    engine.elapsed = count = clock.elapsed_at(due_ns) - engine.elapsed
    assert clock.now_ns >= due_ns
    engine.elapsed = count - 1
    assert clock.now_ns < due_ns


def test_alarms_fire_when_due_in_order_of_time_and_then_of_their_making(engine: FakeEngine) -> None:
    clock = clock_of(engine)
    fired: list[str] = []
    alarms = {name: clock.alarm(lambda name=name: fired.append(name)) for name in "abcd"}  # type: ignore[misc]
    for name, delay_ns in (("b", 200), ("d", 1000), ("c", 200), ("a", 100)):
        alarms[name].schedule(delay_ns)
    engine.elapsed = 16  # 200 ns
    clock.fire_due()
    assert fired == ["a", "b", "c"]
    assert clock.next_alarm_ns == 1000


def test_scheduling_again_replaces_the_earlier_time(engine: FakeEngine) -> None:
    clock = clock_of(engine)
    fired: list[int] = []
    alarm = clock.alarm(lambda: fired.append(clock.now_ns))
    alarm.schedule(100)
    alarm.schedule(300)
    clock.idle_until(1000)
    assert fired == [300]


def test_a_cancelled_alarm_does_not_fire(engine: FakeEngine) -> None:
    clock = clock_of(engine)
    alarm = clock.alarm(lambda: pytest.fail("fired"))
    alarm.schedule(100)
    alarm.cancel()
    assert clock.next_alarm_ns is None
    clock.idle_until(1000)


def test_alarms_fire_at_their_own_times_while_the_cpu_idles(engine: FakeEngine) -> None:
    clock = clock_of(engine)
    fired: list[int] = []

    def tick() -> None:
        fired.append(clock.now_ns)
        alarm.schedule(250)

    alarm = clock.alarm(tick)
    alarm.schedule(250)
    clock.idle_until(600)
    assert (fired, clock.now_ns) == ([250, 500], 600)
    engine.elapsed = 8
    assert clock.now_ns == 700


def test_idling_never_goes_back(engine: FakeEngine) -> None:
    clock = clock_of(engine)
    engine.elapsed = 80
    clock.idle_until(10)
    assert clock.now_ns == 1000


def test_an_alarm_that_becomes_the_next_one_shortens_the_run(engine: FakeEngine) -> None:
    clock = clock_of(engine)
    clock.alarm(lambda: None).schedule(10_000)
    clock.alarm(lambda: None).schedule(1000)
    clock.alarm(lambda: None).schedule(5000)
    assert engine.ends == [800, 80]


def test_a_slower_or_faster_cpu_clock_moves_the_end_of_the_run(engine: FakeEngine) -> None:
    clock = clock_of(engine)
    clock.alarm(lambda: None).schedule(1000)
    clock.cpu_hz = 8_000_000
    assert engine.ends == [80, 8]


def test_alarms_put_off_for_ever_leave_nothing_behind(engine: FakeEngine) -> None:
    clock = clock_of(engine)
    watchdog = clock.alarm(lambda: None)
    for _ in range(1000):
        watchdog.schedule(10**9)
    assert len(clock._heap) < 50
    assert clock.next_alarm_ns == 10**9


def test_a_snapshot_keeps_time_and_rate_and_forgets_the_alarms_since(engine: FakeEngine) -> None:
    clock = clock_of(engine)
    fired: list[str] = []
    early, late = clock.alarm(lambda: fired.append("early")), clock.alarm(lambda: fired.append("late"))
    late.schedule(5000)
    engine.elapsed = 8
    snapshot, due_ns = clock.save(), late.due_ns
    now_ns = clock.now_ns
    clock.cpu_hz *= 2
    clock.idle_until(3000)
    early.schedule(100)
    clock.restore(snapshot)
    assert (clock.now_ns, clock.cpu_hz, clock.next_alarm_ns) == (now_ns, 80_000_000, None)
    late.restore(due_ns)
    clock.idle_until(6000)
    assert fired == ["late"]


def test_what_is_due_fires_before_idle_time_begins(engine: FakeEngine) -> None:
    clock, fired = clock_of(engine), []
    clock.alarm(lambda: fired.append(clock.now_ns)).schedule(100)
    engine.elapsed = 80
    clock.idle_until(5000)
    assert fired == [1000]


def test_an_alarm_that_is_due_now_ends_the_run_at_once(engine: FakeEngine) -> None:
    clock = clock_of(engine)
    clock.alarm(lambda: None).schedule(0)
    assert engine.ends == [0]


def test_the_alarm_at_the_very_end_of_idle_time_fires(engine: FakeEngine) -> None:
    clock, fired = clock_of(engine), []
    clock.alarm(lambda: fired.append(clock.now_ns)).schedule(1000)
    clock.idle_until(1000)
    assert fired == [1000]


def test_idling_leaves_the_next_run_as_long_as_the_next_alarm_lets_it(engine: FakeEngine) -> None:
    clock = clock_of(engine)
    clock.alarm(lambda: None).schedule(3000)
    clock.idle_until(1000)
    assert engine.ends == [240, 160]


def test_what_is_foreseen_is_counted_at_the_rate_of_now(engine: FakeEngine) -> None:
    clock = clock_of(engine)
    outlook = Outlook(until_ns=2_000_000, count=Count(start=5, rate=3, unit=7))
    for idle_until_ns, cpu_hz in (
        (0, 80_000_000),
        (700_001, 80_000_000),
        (700_001, 160_000_000),
        (1_300_000, 160_000_000),
    ):
        engine.elapsed += 1_234
        clock.cpu_hz = cpu_hz
        clock.idle_until(idle_until_ns)
        counted = clock.counted(outlook)
        for ahead in (0, 1, 999, 40_000):
            engine.elapsed += ahead
            assert counted.count is not None
            assert outlook.count is not None
            assert counted.count.at(engine.elapsed) == outlook.count.at(clock.now_ns)
        assert counted.until is not None
        assert clock.time_ns_at(counted.until - 1) < 2_000_000 <= clock.time_ns_at(counted.until)
