"""The converter alone; the values are computed back as wm_hal_adc.c does."""

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.adc import CONVERSION_NS, Adc, Channel

REGULATOR, RUN, POWER_DOWN = 1, 2, 4
CONVERTED, COMPARED = 1, 2
INTERRUPT, COMPARE, COMPARE_INTERRUPT, BELOW = 1 << 1, 1 << 4, 1 << 5, 1 << 6


@pytest.fixture
def irq() -> FakeLine:
    return FakeLine()


@pytest.fixture
def adc(world: FakeWorld, irq: FakeLine) -> Adc:
    adc = Adc("adc", world.environment, irq)
    adc.reset()
    return adc


def start(adc: Adc, channel: int) -> None:
    adc.write(adc.analog_control.offset, channel << 8 | REGULATOR | RUN)


def converted(adc: Adc, world: FakeWorld, channel: int) -> int:
    """The code of a channel, as the driver makes it unsigned."""
    start(adc, channel)
    world.clock.advance(CONVERSION_NS)
    return adc.read(adc.result.offset) ^ 0x2_0000


def flags(adc: Adc) -> int:
    return adc.read(adc.interrupt_status.offset)


@pytest.mark.parametrize("volts", [0.0, 0.5, 1.196, 2.3])
def test_an_input_converts_to_its_voltage(adc: Adc, world: FakeWorld, volts: float) -> None:
    adc.input_volts[2] = volts
    offset = converted(adc, world, Channel.OFFSET)
    code = converted(adc, world, 2)
    assert 1.196 + (code - offset) / 4 * 126.363e-6 == pytest.approx(volts, abs=1e-4)


def test_a_difference_of_inputs_may_be_negative(adc: Adc, world: FakeWorld) -> None:
    adc.input_volts[:2] = 0.25, 0.75
    offset = converted(adc, world, Channel.OFFSET)
    code = converted(adc, world, Channel.INPUT0_MINUS_1)
    assert (code - offset) / 4 * 126.363e-6 == pytest.approx(-0.5, abs=1e-4)


def test_the_supply_is_what_the_driver_makes_of_it(adc: Adc, world: FakeWorld) -> None:
    offset = converted(adc, world, Channel.OFFSET)
    code = converted(adc, world, Channel.SUPPLY)
    microvolts = ((code - offset) * 685 // 20 + 1_200_000) * 2
    assert (microvolts - microvolts * 10 // 100) / 1e6 == pytest.approx(3.3, abs=1e-3)


def test_the_temperature_is_the_difference_of_two_codes(adc: Adc, world: FakeWorld) -> None:
    adc.temperature_celsius = -7.5
    adc.write(adc.temperature.offset, 1)
    first = converted(adc, world, Channel.TEMPERATURE)
    adc.write(adc.temperature.offset, 3)
    world.clock.advance(CONVERSION_NS)
    second = adc.read(adc.result.offset) ^ 0x2_0000
    assert ((first - second) * 1000 // 16 - 4_120_702) / 15_548 == pytest.approx(-7.5, abs=0.1)


def test_conversions_follow_each_other_and_set_their_flag(adc: Adc, world: FakeWorld) -> None:
    start(adc, 0)
    for _ in range(2):
        world.clock.advance(CONVERSION_NS - 1)
        assert flags(adc) == 0
        world.clock.advance(1)
        assert flags(adc) == CONVERTED
        adc.write(adc.interrupt_status.offset, CONVERTED)


@pytest.mark.parametrize("bits", [0, REGULATOR, RUN, REGULATOR | RUN | POWER_DOWN])
def test_nothing_is_converted_unless_it_has_power_and_runs(adc: Adc, world: FakeWorld, bits: int) -> None:
    start(adc, 0)
    adc.write(adc.analog_control.offset, bits)
    world.clock.advance(10 * CONVERSION_NS)
    assert flags(adc) == 0


def test_a_result_interrupts_only_when_asked_to(adc: Adc, world: FakeWorld, irq: FakeLine) -> None:
    start(adc, 0)
    world.clock.advance(CONVERSION_NS)
    assert not irq.is_high()
    adc.write(adc.control.offset, INTERRUPT)
    assert irq.is_high()
    adc.write(adc.interrupt_status.offset, CONVERTED)
    assert not irq.is_high()


@pytest.mark.parametrize(
    ("polarity", "volts", "is_raised"), [(0, 1.3, True), (0, 1.1, False), (BELOW, 1.1, True)]
)
def test_a_result_is_compared_with_the_threshold(
    adc: Adc, world: FakeWorld, irq: FakeLine, polarity: int, volts: float, is_raised: bool
) -> None:
    adc.input_volts[1] = volts
    adc.write(adc.threshold.offset, 0)
    adc.write(adc.control.offset, COMPARE | COMPARE_INTERRUPT | polarity)
    start(adc, 1)
    world.clock.advance(CONVERSION_NS)
    assert (bool(flags(adc) & COMPARED), irq.is_high()) == (is_raised, is_raised)


def test_a_voltage_out_of_range_gives_the_largest_code(adc: Adc, world: FakeWorld) -> None:
    adc.input_volts[0] = 100.0
    assert converted(adc, world, 0) == 0x3_FFFF


def test_84_conversions_take_the_43_ms_of_the_board() -> None:
    assert 43_000_000 <= 84 * CONVERSION_NS < 44_000_000
