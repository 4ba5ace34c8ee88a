"""The modulators alone, at an APB clock of 40 MHz."""

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.pwm import Pwm, PwmOutput

EDGE, CENTER = 1, 2
PERIOD_NS = 100_000
"""Divider 40 and 100 steps: 10 kHz."""


@pytest.fixture
def irq() -> FakeLine:
    return FakeLine()


@pytest.fixture
def pwm(world: FakeWorld, irq: FakeLine) -> Pwm:
    pwm = Pwm("pwm", world.environment, irq)
    pwm.reset()
    pwm.write(pwm.dividers[0].offset, 40 << 16)
    pwm.write(pwm.period.offset, 99 << 8)
    pwm.write(pwm.compare.offset, 24 << 8)
    return pwm


def start(pwm: Pwm, alignment: int = EDGE, *, repeat: bool = True, invert: bool = False) -> None:
    """Start channel 1."""
    bits = 1 << 28 | alignment << 18 | repeat << 9 | invert << 3
    pwm.write(pwm.control.offset, bits)


def flags(pwm: Pwm) -> int:
    return pwm.read(pwm.interrupt_status.offset)


def test_a_channel_that_is_off_puts_out_nothing(pwm: Pwm) -> None:
    assert pwm.output(1) is None
    start(pwm)
    assert pwm.output(0) is None


def test_the_output_follows_divider_period_and_compare_value(pwm: Pwm) -> None:
    start(pwm)
    assert pwm.output(1) == PwmOutput(10_000, 0.25)


def test_center_aligned_periods_are_twice_as_long(pwm: Pwm) -> None:
    start(pwm, CENTER)
    assert pwm.output(1) == PwmOutput(5_000, 0.245)


def test_an_inverted_output_is_low_instead(pwm: Pwm) -> None:
    start(pwm, invert=True)
    assert pwm.output(1) == PwmOutput(10_000, 0.75)


@pytest.mark.parametrize("alignment", [EDGE, CENTER])
def test_a_compare_value_above_the_period_is_always_high(pwm: Pwm, alignment: int) -> None:
    pwm.write(pwm.compare.offset, 100 << 8)
    start(pwm, alignment)
    output = pwm.output(1)
    assert output is not None
    assert output.duty == 1


def test_channel_4_has_registers_of_its_own(pwm: Pwm) -> None:
    pwm.write(pwm.timing4.offset, 20 << 16 | 199 << 8)
    pwm.write(pwm.control4.offset, 99 << 8 | EDGE << 3 | 1 << 1)
    pwm.write(pwm.control.offset, 1 << 31)
    assert pwm.output(4) == PwmOutput(10_000, 0.5)


def test_an_interrupt_comes_after_each_so_many_periods(pwm: Pwm, world: FakeWorld, irq: FakeLine) -> None:
    pwm.write(pwm.period_count.offset, 3 << 8)
    pwm.write(pwm.interrupt_enable.offset, 1 << 1)
    start(pwm)
    for _ in range(2):
        world.clock.advance(3 * PERIOD_NS - 1)
        assert not irq.is_high()
        world.clock.advance(1)
        assert irq.is_high()
        assert flags(pwm) == 1 << 1
        pwm.write(pwm.interrupt_status.offset, 1 << 1)
        assert not irq.is_high()


def test_a_single_shot_ends_after_its_periods(pwm: Pwm, world: FakeWorld) -> None:
    pwm.write(pwm.period_count.offset, 2 << 8)
    start(pwm, repeat=False)
    world.clock.advance(2 * PERIOD_NS - 1)
    assert pwm.output(1) is not None
    world.clock.advance(1)
    assert pwm.output(1) is None
    assert flags(pwm) == 1 << 1


def test_a_channel_that_is_stopped_does_not_interrupt(pwm: Pwm, world: FakeWorld, irq: FakeLine) -> None:
    pwm.write(pwm.interrupt_enable.offset, 1 << 1)
    start(pwm)
    pwm.write(pwm.control.offset, 0)
    world.clock.advance(10 * PERIOD_NS)
    assert not irq.is_high()


def test_repeating_periods_without_an_interrupt_cost_no_alarm(pwm: Pwm, world: FakeWorld) -> None:
    start(pwm)
    world.clock.advance(10 * PERIOD_NS)
    assert flags(pwm) == 0


def test_capturing_is_reported_as_not_modelled(pwm: Pwm, world: FakeWorld) -> None:
    pwm.write(pwm.control.offset, 1 << 24)
    assert world.log.names == ["pwm.control.capture"]
