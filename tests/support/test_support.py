"""The fakes do what they promise."""

import pytest

from peripherals.framework.errors import BusError
from support.clock import FakeClock
from support.line import FakeLine
from support.memory import FakeMemory


def test_alarm_fires_at_its_own_time_and_not_before() -> None:
    clock = FakeClock()
    fired: list[int] = []
    clock.alarm(lambda: fired.append(clock.now_ns)).schedule(100)
    clock.advance(99)
    assert fired == []
    clock.advance(1)
    assert fired == [100]


def test_two_advances_add_up() -> None:
    clock = FakeClock()
    clock.advance(60)
    clock.advance(40)
    assert clock.now_ns == 100


def test_alarms_fire_in_order_even_when_scheduled_by_one_another() -> None:
    clock = FakeClock()
    fired: list[str] = []
    late = clock.alarm(lambda: fired.append("late"))
    chained = clock.alarm(lambda: fired.append("chained"))

    def fire_first() -> None:
        fired.append("first")
        chained.schedule(5)

    late.schedule(30)
    clock.alarm(fire_first).schedule(10)
    clock.advance(100)
    assert fired == ["first", "chained", "late"]
    assert clock.now_ns == 100


def test_cancelled_alarm_does_not_fire() -> None:
    clock = FakeClock()
    fired: list[int] = []
    alarm = clock.alarm(lambda: fired.append(1))
    alarm.schedule(10)
    alarm.cancel()
    clock.advance(100)
    assert fired == []


def test_jump_leaves_an_overdue_alarm_to_the_next_advance() -> None:
    clock = FakeClock()
    fired: list[int] = []
    clock.alarm(lambda: fired.append(clock.now_ns)).schedule(10)
    clock.jump(50)
    assert fired == []
    clock.advance(0)
    assert fired == [50]


def test_line_counts_rises_not_calls() -> None:
    line = FakeLine()
    for level in (True, True, False, True):
        line(level)
    assert (line.level, line.rises) == (True, 2)


def test_memory_answers_only_where_it_is() -> None:
    memory = FakeMemory(base=0x100, size_bytes=4)
    memory.write(0x102, b"ab")
    assert memory.read(0x100, 4) == b"\0\0ab"
    with pytest.raises(BusError, match="0x00000102"):
        memory.read(0x102, 3)
