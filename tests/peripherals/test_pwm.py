"""The modulators alone, at an APB clock of 40 MHz."""

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.framework.reset import ResetCause
from peripherals.pwm import Pwm
from peripherals.pwm_output import PwmOutput, PwmState

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


STOPPED = PwmOutput(PwmState.STOPPED)


def start(pwm: Pwm, alignment: int = EDGE, *, repeat: bool = True, invert: bool = False) -> None:
    """Start channel 1."""
    bits = 1 << 28 | alignment << 18 | repeat << 9 | invert << 3
    pwm.write(pwm.control.offset, bits)


def flags(pwm: Pwm) -> int:
    return pwm.read(pwm.interrupt_status.offset)


def running(frequency_hz: float, duty: float, *, is_inverted: bool = False) -> PwmOutput:
    return PwmOutput(PwmState.RUNNING, duty, frequency_hz, is_inverted)


def test_a_channel_that_is_off_stays_low(pwm: Pwm) -> None:
    assert pwm.output(1) == STOPPED
    start(pwm)
    assert pwm.output(0) == STOPPED


def test_the_output_follows_divider_period_and_compare_value(pwm: Pwm) -> None:
    start(pwm)
    assert pwm.output(1) == running(10_000, 0.25)


def test_center_aligned_periods_are_twice_as_long(pwm: Pwm) -> None:
    start(pwm, CENTER)
    assert pwm.output(1) == running(5_000, 0.245)


def test_an_inverted_output_is_low_instead(pwm: Pwm) -> None:
    start(pwm, invert=True)
    assert pwm.output(1) == running(10_000, 0.75, is_inverted=True)
    pwm.write(pwm.control.offset, 1 << 3)
    assert pwm.output(1) == PwmOutput(PwmState.STOPPED, 1, is_inverted=True)


@pytest.mark.parametrize("alignment", [EDGE, CENTER])
def test_a_compare_value_above_the_period_is_always_high(pwm: Pwm, alignment: int) -> None:
    pwm.write(pwm.compare.offset, 100 << 8)
    start(pwm, alignment)
    assert pwm.output(1).duty == 1


def test_channel_4_has_registers_of_its_own(pwm: Pwm) -> None:
    pwm.write(pwm.timing4.offset, 20 << 16 | 199 << 8)
    pwm.write(pwm.control4.offset, 99 << 8 | EDGE << 3 | 1 << 1)
    pwm.write(pwm.control.offset, 1 << 31)
    assert pwm.output(4) == running(10_000, 0.5)


def test_an_output_that_is_not_enabled_leaves_its_pin_alone(pwm: Pwm) -> None:
    pwm.write(pwm.control.offset, 1 << 12 | 1 << 27 | 1 << 31)
    pwm.write(pwm.capture4.offset, 1 << 2)
    assert [pwm.output(channel).state for channel in (0, 4)] == [PwmState.RELEASED] * 2


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
    assert pwm.output(1) == running(10_000, 0.25)
    world.clock.advance(1)
    assert pwm.output(1) == STOPPED
    assert flags(pwm) == 1 << 1


def test_another_period_counts_for_the_interrupt_after_the_next(
    pwm: Pwm, world: FakeWorld, irq: FakeLine
) -> None:
    pwm.write(pwm.period_count.offset, 1 << 8)
    pwm.write(pwm.interrupt_enable.offset, 1 << 1)
    start(pwm)
    world.clock.advance(PERIOD_NS // 2)
    pwm.write(pwm.dividers[0].offset, 80 << 16)
    world.clock.advance(PERIOD_NS // 2)
    assert irq.is_high()
    pwm.write(pwm.interrupt_status.offset, 1 << 1)
    world.clock.advance(2 * PERIOD_NS - 1)
    assert not irq.is_high()
    world.clock.advance(1)
    assert irq.is_high()


@pytest.mark.parametrize("repeat", [False, True])
def test_a_count_that_comes_late_counts_from_then_on(
    pwm: Pwm, world: FakeWorld, irq: FakeLine, repeat: bool
) -> None:
    pwm.write(pwm.interrupt_enable.offset, 1 << 1)
    start(pwm, repeat=repeat)
    world.clock.advance(10 * PERIOD_NS)
    pwm.write(pwm.period_count.offset, 2 << 8)
    world.clock.advance(2 * PERIOD_NS - 1)
    assert not irq.is_high()
    world.clock.advance(1)
    assert irq.is_high()


@pytest.mark.parametrize("repeat", [False, True])
def test_a_count_of_no_periods_neither_ends_nor_interrupts(pwm: Pwm, world: FakeWorld, repeat: bool) -> None:
    pwm.write(pwm.interrupt_enable.offset, 1 << 1)
    start(pwm, repeat=repeat)
    world.clock.advance(1000 * PERIOD_NS)
    assert (flags(pwm), pwm.output(1).state) == (0, PwmState.RUNNING)


def test_a_channel_that_is_stopped_does_not_interrupt(pwm: Pwm, world: FakeWorld, irq: FakeLine) -> None:
    pwm.write(pwm.period_count.offset, 1 << 8)
    pwm.write(pwm.interrupt_enable.offset, 1 << 1)
    start(pwm)
    pwm.write(pwm.control.offset, 0)
    world.clock.advance(10 * PERIOD_NS)
    assert not irq.is_high()


def test_repeating_periods_without_an_interrupt_cost_no_alarm(pwm: Pwm, world: FakeWorld) -> None:
    pwm.write(pwm.period_count.offset, 1 << 8)
    start(pwm)
    world.clock.advance(10 * PERIOD_NS)
    assert flags(pwm) == 0


def test_changes_of_an_output_are_told_when_they_happen(pwm: Pwm, world: FakeWorld) -> None:
    heard: list[tuple[int, int, PwmOutput]] = []
    pwm.on_output = lambda channel, output: heard.append((world.clock.now_ns, channel, output))
    pwm.write(pwm.period_count.offset, 2 << 8)
    start(pwm, repeat=False)
    world.clock.advance(150_000)
    pwm.write(pwm.compare.offset, 49 << 8)
    pwm.write(pwm.compare.offset, 49 << 8)
    world.clock.advance(PERIOD_NS)
    assert heard == [
        (0, 1, running(10_000, 0.25)),
        (150_000, 1, running(10_000, 0.5)),
        (2 * PERIOD_NS, 1, STOPPED),
    ]


def test_another_apb_clock_is_another_frequency(pwm: Pwm, world: FakeWorld) -> None:
    heard: list[PwmOutput] = []
    start(pwm)
    pwm.on_output = lambda channel, output: heard.append(output)
    world.frequencies.apb_hz = 20_000_000
    pwm.clocks_changed()
    assert heard == [running(5_000, 0.25)]


def test_nothing_of_the_block_is_reported_as_not_modelled(pwm: Pwm, world: FakeWorld) -> None:
    for register in pwm.registers():
        pwm.write(register.offset, sum(field.mask for field in register.fields.values()))
    assert world.log.names == []


def test_a_reset_stops_everything(pwm: Pwm, world: FakeWorld) -> None:
    start(pwm, repeat=False)
    pwm.reset(ResetCause.SOFTWARE)
    assert pwm.output(1) == STOPPED
