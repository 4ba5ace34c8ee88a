"""The I2C master alone. Divider 71 at 40 MHz: 5.5 * 72 clocks, 9,900 ns a bit (101 kHz)."""

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.i2c import Command, I2c

BIT_NS = 9_900
NOT_ACKNOWLEDGED, BUSY, IN_PROGRESS, DONE = 0x80, 0x40, 0x02, 0x01
ENABLE, MASKED = 0x80, 0x40


@pytest.fixture
def irq() -> FakeLine:
    return FakeLine()


@pytest.fixture
def i2c(world: FakeWorld, irq: FakeLine) -> I2c:
    i2c = I2c("i2c", world.environment, irq)
    i2c.reset()
    i2c.write(i2c.divider[0].offset, 71)
    i2c.write(i2c.control.offset, ENABLE | MASKED)
    return i2c


def command(i2c: I2c, bits: int) -> None:
    i2c.write(i2c.command_status.offset, bits)


def status(i2c: I2c) -> int:
    return i2c.read(i2c.command_status.offset)


def test_an_address_takes_ten_bits_and_is_not_acknowledged(world: FakeWorld, i2c: I2c) -> None:
    i2c.write(i2c.data.offset, 0xA0)
    command(i2c, Command.START | Command.WRITE)
    world.clock.advance(10 * BIT_NS - 1)
    assert status(i2c) & (BUSY | IN_PROGRESS | DONE) == BUSY | IN_PROGRESS
    world.clock.advance(1)
    assert status(i2c) == NOT_ACKNOWLEDGED | BUSY | DONE


def test_a_stop_frees_the_bus(world: FakeWorld, i2c: I2c) -> None:
    command(i2c, Command.START | Command.WRITE)
    world.clock.advance(10 * BIT_NS)
    command(i2c, Command.STOP)
    world.clock.advance(BIT_NS - 1)
    assert status(i2c) & (BUSY | IN_PROGRESS) == BUSY | IN_PROGRESS
    world.clock.advance(1)
    assert status(i2c) & (BUSY | IN_PROGRESS) == 0


def test_what_nobody_sends_reads_as_ones(world: FakeWorld, i2c: I2c) -> None:
    i2c.write(i2c.data.offset, 0x12)
    command(i2c, Command.READ)
    world.clock.advance(9 * BIT_NS)
    assert i2c.read(i2c.data.offset) == 0xFF
    assert i2c.read(i2c.last_data.offset) == 0x12
    assert i2c.read(i2c.last_command.offset) == Command.READ


def test_the_end_of_a_transfer_interrupts_until_acknowledged(
    world: FakeWorld, i2c: I2c, irq: FakeLine
) -> None:
    i2c.write(i2c.control.offset, ENABLE)
    command(i2c, Command.WRITE)
    assert not irq.is_high()
    world.clock.advance(9 * BIT_NS)
    assert irq.is_high()
    command(i2c, Command.ACKNOWLEDGE_INTERRUPT)
    assert not irq.is_high()


def test_a_masked_interrupt_stays_away(world: FakeWorld, i2c: I2c, irq: FakeLine) -> None:
    command(i2c, Command.WRITE)
    world.clock.advance(9 * BIT_NS)
    assert not irq.is_high()


def test_nothing_is_sent_while_disabled(world: FakeWorld, i2c: I2c) -> None:
    i2c.write(i2c.control.offset, MASKED)
    command(i2c, Command.START | Command.WRITE)
    world.clock.advance(100 * BIT_NS)
    assert status(i2c) == 0


def test_a_snapshot_in_the_middle_of_a_transfer_goes_on(world: FakeWorld, i2c: I2c) -> None:
    command(i2c, Command.WRITE)
    snapshot = i2c.save()
    world.clock.advance(9 * BIT_NS)
    command(i2c, Command.ACKNOWLEDGE_INTERRUPT)
    i2c.reset()
    i2c.restore(snapshot)
    assert status(i2c) & IN_PROGRESS
    world.clock.advance(0)
    assert status(i2c) & (IN_PROGRESS | DONE) == DONE
