"""A deadline is the time at which a block has something to do, and a part of its state."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from support.clock import FakeClock

from emu.clock import VirtualClock
from peripherals.framework.deadline import Deadline

CLOCKS: list[Callable[[], FakeClock | VirtualClock]] = [FakeClock, lambda: VirtualClock(1_000_000_000)]
parametrized = pytest.mark.parametrize("make_clock", CLOCKS, ids=["fake", "virtual"])


def let_pass(clock: FakeClock | VirtualClock, delta_ns: int) -> None:
    if isinstance(clock, FakeClock):
        clock.advance(delta_ns)
    else:
        clock.idle_until(clock.now_ns + delta_ns)


@parametrized
def test_it_comes_once_at_its_time(make_clock: Callable[[], FakeClock | VirtualClock]) -> None:
    clock, come = make_clock(), []
    deadline = Deadline(clock, lambda: come.append(clock.now_ns))
    deadline.schedule(100)
    assert deadline.due_ns == 100
    let_pass(clock, 99)
    assert come == []
    let_pass(clock, 1000)
    assert come == [100]
    assert deadline.save() is None


@parametrized
def test_a_new_time_replaces_the_one_before(make_clock: Callable[[], FakeClock | VirtualClock]) -> None:
    clock, come = make_clock(), []
    deadline = Deadline(clock, lambda: come.append(clock.now_ns))
    deadline.schedule(100)
    deadline.schedule_at(300)
    let_pass(clock, 200)
    assert (come, deadline.due_ns) == ([], 300)
    deadline.cancel()
    let_pass(clock, 200)
    assert (come, deadline.due_ns) == ([], None)


@parametrized
def test_of_equal_times_the_deadline_made_first_comes_first(
    make_clock: Callable[[], FakeClock | VirtualClock],
) -> None:
    clock = make_clock()
    come: list[str] = []
    deadlines = {name: Deadline(clock, partial(come.append, name)) for name in "abc"}
    for name in "cab":
        deadlines[name].schedule_at(100)
    saved = {name: deadline.save() for name, deadline in deadlines.items()}
    let_pass(clock, 100)
    for name in "bca":
        deadlines[name].restore(saved[name])
    let_pass(clock, 0)
    assert come == ["a", "b", "c"] * 2


@parametrized
def test_a_time_that_has_passed_comes_at_the_next_opportunity(
    make_clock: Callable[[], FakeClock | VirtualClock],
) -> None:
    clock, come = make_clock(), []
    deadline = Deadline(clock, lambda: come.append(clock.now_ns))
    deadline.schedule(100)
    saved = deadline.save()
    let_pass(clock, 500)
    deadline.restore(saved)
    assert deadline.due_ns == 100
    let_pass(clock, 0)
    assert come == [100, 500]


@parametrized
def test_none_is_restored_as_none(make_clock: Callable[[], FakeClock | VirtualClock]) -> None:
    clock, come = make_clock(), []
    deadline = Deadline(clock, lambda: come.append(clock.now_ns))
    saved = deadline.save()
    deadline.schedule(100)
    deadline.restore(saved)
    let_pass(clock, 500)
    assert come == []
