"""Channels of the modulators that do what another does, or are braked, at an APB clock of 40 MHz."""

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.pwm import Pwm
from peripherals.pwm_output import PwmOutput, PwmState

EDGE_ALIGNED, REPEATING = 0x55 << 16, 0xF << 8
START = {channel: 1 << 27 + channel for channel in range(5)}
COMPLEMENTARY, PAIRS_IN_STEP, ALL_IN_STEP = (1 << 0, 1 << 1), (1 << 14, 1 << 15), 1 << 6
PERIOD_NS = 10_000
"""Divider 4 and 100 steps, as in the demos of wm-sdk-w806: 100 kHz."""


@pytest.fixture
def irq() -> FakeLine:
    return FakeLine()


@pytest.fixture
def pwm(world: FakeWorld, irq: FakeLine) -> Pwm:
    """Channels 0 and 2 set up with 20 % and 40 %, all others not."""
    pwm = Pwm("pwm", world.environment, irq)
    pwm.reset()
    for dividers in pwm.dividers:
        pwm.write(dividers.offset, 4)
    pwm.write(pwm.period.offset, 99 << 16 | 99)
    pwm.write(pwm.compare.offset, 39 << 16 | 19)
    return pwm


def control(pwm: Pwm, bits: int) -> None:
    pwm.write(pwm.control.offset, EDGE_ALIGNED | REPEATING | bits)


def running(duty: float, **others: object) -> PwmOutput:
    return PwmOutput(PwmState.RUNNING, duty, 100_000, **others)  # type: ignore[arg-type]


def duties(pwm: Pwm) -> list[float]:
    return [pwm.output(channel).duty for channel in range(5)]


def test_in_complementary_mode_the_odd_channel_is_the_opposite_of_the_even_one(pwm: Pwm) -> None:
    control(pwm, COMPLEMENTARY[0] | START[0] | COMPLEMENTARY[1] | START[2])
    assert pwm.output(0) == running(0.2, complement_of=1)
    assert pwm.output(1) == running(0.8, complement_of=0)
    assert pwm.output(2) == running(0.4, complement_of=3)
    assert pwm.output(3) == running(0.6, complement_of=2)


def test_an_inverted_pair_stays_opposite(pwm: Pwm) -> None:
    control(pwm, COMPLEMENTARY[0] | START[0] | 1 << 2)
    assert duties(pwm)[:2] == [0.8, 0.2]


def test_one_pair_can_be_complementary_while_the_other_is_not(pwm: Pwm) -> None:
    control(pwm, COMPLEMENTARY[1] | START[0] | START[2])
    assert pwm.output(0) == running(0.2)
    assert pwm.output(1) == PwmOutput(PwmState.STOPPED)


@pytest.mark.parametrize(("pair", "first"), [(0, 0), (1, 2)])
def test_dead_time_lets_both_of_a_pair_rise_later(pwm: Pwm, pair: int, first: int) -> None:
    pwm.write(pwm.dead_time.offset, 1 << 20 + pair | 2 << 16 | 5 << 8 * pair)
    control(pwm, COMPLEMENTARY[pair] | START[first])
    duty = pwm.output(first).duty
    for channel in (first, first + 1):
        assert pwm.output(channel).dead_time_ns == 5 * 4 * 25
    assert (first, duty) in [(0, 0.15), (2, 0.35)]
    assert pwm.output(first + 1).duty == pytest.approx(1 - 2 * 0.05 - duty)


def test_an_inverted_pair_is_high_in_its_dead_time(pwm: Pwm) -> None:
    pwm.write(pwm.dead_time.offset, 1 << 20 | 20)
    control(pwm, COMPLEMENTARY[0] | START[0] | 1 << 2)
    assert duties(pwm)[:2] == [0.85, 0.25]


def test_a_pulse_shorter_than_the_dead_time_is_lost(pwm: Pwm) -> None:
    pwm.write(pwm.dead_time.offset, 1 << 20 | 3 << 16 | 255)
    control(pwm, COMPLEMENTARY[0] | START[0])
    assert duties(pwm)[:2] == [0, 0]


def test_a_side_that_never_falls_has_no_dead_time(pwm: Pwm) -> None:
    pwm.write(pwm.dead_time.offset, 1 << 20 | 20)
    pwm.write(pwm.compare.offset, 99)
    control(pwm, COMPLEMENTARY[0] | START[0])
    assert duties(pwm)[:2] == [1, 0]


def test_dead_time_that_is_not_enabled_or_has_no_pair_does_nothing(pwm: Pwm) -> None:
    pwm.write(pwm.dead_time.offset, 20)
    control(pwm, COMPLEMENTARY[0] | START[0])
    assert duties(pwm)[:2] == [0.2, 0.8]
    pwm.write(pwm.dead_time.offset, 1 << 20 | 20)
    control(pwm, START[0])
    assert pwm.output(0) == running(0.2)


def test_pairs_in_step_put_out_the_same(pwm: Pwm) -> None:
    control(pwm, PAIRS_IN_STEP[0] | START[0] | PAIRS_IN_STEP[1] | START[2])
    assert pwm.output(0) == running(0.2)
    assert pwm.output(1) == running(0.2, in_step_with=0)
    assert pwm.output(3) == running(0.4, in_step_with=2)
    assert pwm.output(4) == PwmOutput(PwmState.STOPPED)


def test_all_in_step_put_out_what_channel_0_does(pwm: Pwm) -> None:
    control(pwm, ALL_IN_STEP | START[0] | 1 << 2)
    assert pwm.output(0) == running(0.8, is_inverted=True)
    for channel in range(1, 5):
        assert pwm.output(channel) == running(0.8, is_inverted=True, in_step_with=0)


def test_a_follower_needs_the_one_it_follows_to_run(pwm: Pwm) -> None:
    control(pwm, ALL_IN_STEP | START[1] | START[4])
    assert {pwm.output(channel).state for channel in range(5)} == {PwmState.STOPPED}


def test_all_in_step_is_stronger_than_pairs_in_step_and_these_than_complementary(pwm: Pwm) -> None:
    everything = ALL_IN_STEP | PAIRS_IN_STEP[1] | COMPLEMENTARY[1] | START[0] | START[2]
    control(pwm, everything)
    assert duties(pwm)[2:4] == [0.2, 0.2]
    control(pwm, everything & ~ALL_IN_STEP)
    assert duties(pwm)[2:4] == [0.4, 0.4]
    control(pwm, everything & ~ALL_IN_STEP & ~PAIRS_IN_STEP[1])
    assert duties(pwm)[2:4] == [0.4, 0.6]


def test_a_follower_has_no_periods_of_its_own(pwm: Pwm, world: FakeWorld, irq: FakeLine) -> None:
    pwm.write(pwm.period_count.offset, 1 << 8 | 2)
    pwm.write(pwm.interrupt_enable.offset, 0b11)
    control(pwm, PAIRS_IN_STEP[0] | START[0] | START[1])
    world.clock.advance(2 * PERIOD_NS - 1)
    assert not irq.is_high()
    world.clock.advance(1)
    assert (irq.is_high(), pwm.read(pwm.interrupt_status.offset)) == (True, 0b01)


def test_a_pair_ends_with_the_single_shot_of_its_even_channel(pwm: Pwm, world: FakeWorld) -> None:
    told: list[tuple[int, PwmState]] = []
    pwm.on_output = lambda channel, output: told.append((channel, output.state))
    pwm.write(pwm.period_count.offset, 3)
    pwm.write(pwm.control.offset, EDGE_ALIGNED | COMPLEMENTARY[0] | START[0])
    world.clock.advance(3 * PERIOD_NS)
    assert told == [(n, state) for state in (PwmState.RUNNING, PwmState.STOPPED) for n in (0, 1)]


def test_the_brake_holds_the_channels_that_have_it_enabled(pwm: Pwm) -> None:
    pwm.write(pwm.brake_control.offset, 1 << 11)
    control(pwm, START[0] | START[2])
    assert pwm.output(0) == running(0.2)
    pwm.brake(True)
    assert pwm.output(0) == PwmOutput(PwmState.BRAKED)
    assert pwm.output(2) == running(0.4)
    pwm.brake(False)
    assert pwm.output(0) == running(0.2)


def test_the_brake_is_stronger_than_any_mode(pwm: Pwm) -> None:
    pwm.write(pwm.brake_control.offset, 1 << 13)
    control(pwm, ALL_IN_STEP | START[0] | 1 << 2)
    pwm.brake(True)
    assert [pwm.output(n).state for n in (1, 2)] == [PwmState.RUNNING, PwmState.BRAKED]


def test_only_a_channel_that_stands_can_be_braked_to_high(pwm: Pwm) -> None:
    pwm.write(pwm.brake_control.offset, 0b10101 << 11 | 0b10101 << 3)
    control(pwm, START[0])
    pwm.brake(True)
    assert pwm.output(0) == running(0.2)
    for channel in (2, 4):
        assert pwm.output(channel) == PwmOutput(PwmState.BRAKED, 1)


def test_pulling_the_brake_is_told(pwm: Pwm) -> None:
    told: list[tuple[int, PwmState]] = []
    pwm.on_output = lambda channel, output: told.append((channel, output.state))
    pwm.write(pwm.brake_control.offset, 0b11 << 11)
    pwm.brake(True)
    assert told == [(0, PwmState.BRAKED), (1, PwmState.BRAKED)]
