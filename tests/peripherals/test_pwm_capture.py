"""The capture inputs of channels 0 and 4, counting at 1 MHz: divider 40 at an APB clock of 40 MHz."""

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.framework.reset import ResetCause
from peripherals.pwm import Pwm
from peripherals.pwm_output import PwmState

US = 1000
RISING, FALLING, RISING_OVERRUN, FALLING_OVERRUN, OVERFLOW = (1 << n for n in range(5))
OVERFLOW_US = 0x1_0000
CHANNELS = pytest.mark.parametrize("channel", [0, 4])


@pytest.fixture
def irq() -> FakeLine:
    return FakeLine()


@pytest.fixture
def pwm(world: FakeWorld, irq: FakeLine) -> Pwm:
    pwm = Pwm("pwm", world.environment, irq)
    pwm.reset()
    pwm.write(pwm.dividers[0].offset, 40)
    pwm.write(pwm.timing4.offset, 40 << 16)
    return pwm


def start(pwm: Pwm, channel: int, *, edges: int = 0, dma: bool = False, invert: bool = False) -> None:
    if channel == 4:
        pwm.write(pwm.capture4.offset, dma << 10 | edges << 8 | 1 << 1 | invert)
        pwm.write(pwm.control.offset, 1 << 31)
    else:
        pwm.write(pwm.interrupt_enable.offset, dma << 7 | edges << 5)
        pwm.write(pwm.control.offset, 1 << 27 | invert << 25 | 1 << 24)


def flags(pwm: Pwm, channel: int) -> int:
    """The flags of both channels' captures lie alike, in different registers."""
    if channel == 4:
        return pwm.read(pwm.capture4.offset) >> 3 & 0x1F
    return pwm.read(pwm.interrupt_status.offset) >> 5


def acknowledge(pwm: Pwm, channel: int, bits: int) -> None:
    if channel == 4:
        pwm.write(pwm.capture4.offset, pwm.capture4.value & ~0xF8 | bits << 3)
    else:
        pwm.write(pwm.interrupt_status.offset, bits << 5)


def counts(pwm: Pwm, channel: int) -> tuple[int, int]:
    """What was captured at the falling and at the rising edge: the high and the low phase."""
    word = pwm.read(pwm.captured[channel // 4].offset)
    return word >> 16, word & 0xFFFF


def pulse(pwm: Pwm, world: FakeWorld, channel: int, low_us: int, high_us: int) -> None:
    """Let a low phase pass, then a high one."""
    world.clock.advance(low_us * US)
    pwm.capture(channel, True)
    world.clock.advance(high_us * US)
    pwm.capture(channel, False)


@CHANNELS
def test_edges_capture_how_long_the_phases_were(pwm: Pwm, world: FakeWorld, channel: int) -> None:
    start(pwm, channel)
    for low_us, high_us in ((700, 300), (20, 65_535)):
        pulse(pwm, world, channel, low_us, high_us)
        assert counts(pwm, channel) == (high_us, low_us)


@CHANNELS
def test_a_begun_count_is_not_counted(pwm: Pwm, world: FakeWorld, channel: int) -> None:
    start(pwm, channel)
    world.clock.advance(10 * US - 1)
    pwm.capture(channel, True)
    assert counts(pwm, channel) == (0, 9)


@CHANNELS
def test_another_divider_counts_from_the_next_phase_on(pwm: Pwm, world: FakeWorld, channel: int) -> None:
    start(pwm, channel)
    world.clock.advance(100 * US)
    pwm.write(pwm.timing4.offset, 80 << 16)
    pwm.write(pwm.dividers[0].offset, 80)
    pulse(pwm, world, channel, 0, 100)
    assert counts(pwm, channel) == (50, 100)


@CHANNELS
def test_an_inverted_input_swaps_the_edges(pwm: Pwm, world: FakeWorld, channel: int) -> None:
    start(pwm, channel, invert=True)
    pulse(pwm, world, channel, 700, 300)
    assert counts(pwm, channel) == (700, 300)


@CHANNELS
@pytest.mark.parametrize("edge", [RISING, FALLING])
def test_an_edge_interrupts_if_it_may(
    pwm: Pwm, world: FakeWorld, irq: FakeLine, channel: int, edge: int
) -> None:
    start(pwm, channel, edges=edge)
    pwm.capture(channel, True)
    assert (irq.is_high(), flags(pwm, channel)) == (edge == RISING, RISING)
    pwm.capture(channel, False)
    assert irq.is_high()
    acknowledge(pwm, channel, edge)
    assert (irq.is_high(), flags(pwm, channel)) == (False, RISING + FALLING - edge)


@CHANNELS
def test_the_same_level_again_is_no_edge(pwm: Pwm, channel: int) -> None:
    start(pwm, channel)
    pwm.capture(channel, False)
    assert flags(pwm, channel) == 0


@CHANNELS
def test_one_more_edge_before_the_flag_is_cleared_is_an_overrun(
    pwm: Pwm, world: FakeWorld, channel: int
) -> None:
    start(pwm, channel)
    for _ in range(2):
        pulse(pwm, world, channel, 10, 10)
    assert flags(pwm, channel) == RISING | FALLING | RISING_OVERRUN | FALLING_OVERRUN
    acknowledge(pwm, channel, RISING)
    assert flags(pwm, channel) == FALLING | FALLING_OVERRUN
    acknowledge(pwm, channel, FALLING)
    assert flags(pwm, channel) == 0


@CHANNELS
def test_a_phase_too_long_for_16_bits_overflows(
    pwm: Pwm, world: FakeWorld, irq: FakeLine, channel: int
) -> None:
    start(pwm, channel, edges=RISING | FALLING)
    world.clock.advance(OVERFLOW_US * US - 1)
    assert flags(pwm, channel) == 0
    world.clock.advance(1)
    assert (irq.is_high(), flags(pwm, channel)) == (False, OVERFLOW)
    world.clock.advance(5 * US)
    pwm.capture(channel, True)
    assert (counts(pwm, channel), flags(pwm, channel)) == ((0, 5), RISING | OVERFLOW)
    acknowledge(pwm, channel, RISING)
    assert flags(pwm, channel) == 0


def test_without_capturing_nothing_is_captured(pwm: Pwm, world: FakeWorld) -> None:
    pwm.write(pwm.control.offset, 1 << 27)
    pulse(pwm, world, 0, 10, 10)
    pwm.write(pwm.control.offset, 1 << 24)
    pulse(pwm, world, 0, 10, 10)
    assert (flags(pwm, 0), counts(pwm, 0)) == (0, (0, 0))


def test_the_two_inputs_do_not_disturb_each_other(pwm: Pwm, world: FakeWorld) -> None:
    start(pwm, 4)
    pwm.write(pwm.control.offset, 1 << 31 | 1 << 27 | 1 << 24)
    pulse(pwm, world, 0, 30, 10)
    pulse(pwm, world, 4, 70, 20)
    assert (counts(pwm, 0), counts(pwm, 4)) == ((10, 30), (20, 110))


@CHANNELS
def test_a_capturing_channel_leaves_its_pin_alone(pwm: Pwm, channel: int) -> None:
    start(pwm, channel)
    assert pwm.output(channel).state is PwmState.RELEASED


@pytest.mark.parametrize("channel", [1, 2, 3])
def test_the_other_channels_have_no_input(pwm: Pwm, channel: int) -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        pwm.capture(channel, True)


@CHANNELS
def test_dma_is_asked_to_fetch_each_period_until_it_has(pwm: Pwm, world: FakeWorld, channel: int) -> None:
    request = FakeLine()
    pwm.inputs[channel // 4].request = request
    start(pwm, channel, dma=True)
    for _ in range(2):
        pwm.capture(channel, False)
        assert not request.is_high()
        pwm.capture(channel, True)
        assert request.is_high()
        counts(pwm, channel)
        assert not request.is_high()
    assert request.rises == 2


@CHANNELS
def test_dma_that_is_not_enabled_is_not_asked(pwm: Pwm, channel: int) -> None:
    request = FakeLine()
    pwm.inputs[channel // 4].request = request
    start(pwm, channel)
    pwm.capture(channel, True)
    start(pwm, channel, dma=True)
    assert request.rises == 0


def test_a_snapshot_goes_on_with_its_phase(pwm: Pwm, world: FakeWorld, irq: FakeLine) -> None:
    start(pwm, 0, edges=RISING)
    world.clock.advance(30 * US)
    snapshot = pwm.save()
    pwm.capture(0, True)
    pwm.reset(ResetCause.SOFTWARE)
    pwm.restore(snapshot)
    assert not irq.is_high()
    world.clock.advance(10 * US)
    pwm.capture(0, True)
    assert (irq.is_high(), counts(pwm, 0)) == (True, (0, 40))


def test_in_sleep_the_count_stands_still(pwm: Pwm, world: FakeWorld) -> None:
    start(pwm, 0)
    world.clock.advance(30 * US)
    pwm.clocks_stopped(True)
    world.clock.advance(1000 * US)
    pwm.clocks_stopped(False)
    world.clock.advance(10 * US)
    pwm.capture(0, True)
    assert counts(pwm, 0) == (0, 40)
