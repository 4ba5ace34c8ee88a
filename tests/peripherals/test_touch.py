"""The touch sensor alone, pads 3 and 5 scanned every 16 ms."""

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.framework.reset import ResetCause
from peripherals.touch import UNTOUCHED_COUNT, Touch, untouched_count

PERIOD_NS = 16_000_000
ENABLE, PADS_3_AND_5, WINDOW, PERIOD = 1, (1 << 3 | 1 << 5) << 4, 1 << 20, 1 << 26
SOURCES, ENABLES = 0x44, 0x46


@pytest.fixture
def irq() -> FakeLine:
    return FakeLine()


@pytest.fixture
def touch(world: FakeWorld, irq: FakeLine) -> Touch:
    touch = Touch("touch", world.environment, irq)
    touch.reset()
    touch.write(touch.pad[5].offset, 100)
    touch.write(ENABLES, 1 << 5, 2)
    touch.write(touch.control.offset, ENABLE | PADS_3_AND_5 | WINDOW | PERIOD)
    return touch


def count(touch: Touch, pad: int) -> int:
    return touch.read(touch.pad[pad].offset) >> 8


def test_counts_at_the_period_and_only_chosen_pads(touch: Touch, world: FakeWorld) -> None:
    world.clock.advance(PERIOD_NS - 1)
    assert count(touch, 3) == 0
    world.clock.advance(1)
    assert (count(touch, 3), count(touch, 4)) == (UNTOUCHED_COUNT, 0)


def test_a_finger_interrupts_at_every_scan(touch: Touch, world: FakeWorld, irq: FakeLine) -> None:
    touch.added_counts[5] = 100
    world.clock.advance(PERIOD_NS)
    assert not irq.is_high()
    touch.added_counts[5] = 101
    for _ in range(2):
        world.clock.advance(PERIOD_NS)
        assert irq.is_high()
        touch.write(SOURCES, 1 << 5, 2)
        assert not irq.is_high()
    assert count(touch, 5) == UNTOUCHED_COUNT + 101


def test_an_interrupt_has_to_be_enabled(touch: Touch, world: FakeWorld, irq: FakeLine) -> None:
    touch.added_counts[3] = 1
    world.clock.advance(PERIOD_NS)
    assert (irq.is_high(), touch.read(SOURCES, 2)) == (False, 1 << 3)


@pytest.mark.parametrize(("window", "pulses"), [(3, 1), (32, 30), (63, 61)])
def test_counts_last_two_pulses_less_than_the_window(
    touch: Touch, world: FakeWorld, window: int, pulses: int
) -> None:
    touch.write(touch.control.offset, ENABLE | PADS_3_AND_5 | window << 20 | PERIOD)
    world.clock.advance(PERIOD_NS)
    assert count(touch, 3) == UNTOUCHED_COUNT * pulses // 63 == untouched_count(window)
    assert world.log.names == []


def test_a_finger_is_felt_in_a_short_window(touch: Touch, world: FakeWorld, irq: FakeLine) -> None:
    touch.write(touch.control.offset, ENABLE | PADS_3_AND_5 | 16 << 20 | PERIOD)
    touch.added_counts[5] = 101
    world.clock.advance(PERIOD_NS)
    assert irq.is_high()
    assert count(touch, 5) == untouched_count(16) + 101


def test_disabled_it_does_not_scan(touch: Touch, world: FakeWorld) -> None:
    touch.write(touch.control.offset, PADS_3_AND_5 | PERIOD)
    world.clock.advance(2 * PERIOD_NS)
    assert count(touch, 3) == 0


def test_a_snapshot_goes_on_scanning(touch: Touch, world: FakeWorld) -> None:
    world.clock.advance(PERIOD_NS // 2)
    snapshot = touch.save()
    touch.reset(ResetCause.SOFTWARE)
    touch.restore(snapshot)
    world.clock.advance(PERIOD_NS // 2)
    assert count(touch, 3) == UNTOUCHED_COUNT
