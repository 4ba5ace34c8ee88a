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
    i2c.write(i2c.divider[1].offset, 0)
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


class Slave:
    """Somebody on the wires, who acknowledges all but 0xEE and counts up."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.holds_ns = 0

    def start(self) -> None:
        self.seen.append("start")

    def write(self, byte: int) -> bool:
        self.seen.append(f"write {byte:02x}")
        return byte != 0xEE

    def read(self, *, is_acknowledged: bool) -> int:
        self.seen.append("read" if is_acknowledged else "read the last")
        return len(self.seen)

    def stop(self) -> None:
        self.seen.append("stop")

    def stretch_ns(self) -> int:
        return self.holds_ns


@pytest.fixture
def slave(i2c: I2c) -> Slave:
    slave = i2c.wires = Slave()
    return slave


def send(i2c: I2c, byte: int, bits: int = Command.WRITE) -> None:
    i2c.write(i2c.data.offset, byte)
    command(i2c, bits)


def test_who_is_on_the_wires_sees_a_byte_when_its_bits_are_over(
    world: FakeWorld, i2c: I2c, slave: Slave
) -> None:
    send(i2c, 0xA0, Command.START | Command.WRITE)
    world.clock.advance(10 * BIT_NS - 1)
    assert slave.seen == []
    world.clock.advance(1)
    assert (slave.seen, status(i2c)) == (["start", "write a0"], BUSY | DONE)
    send(i2c, 0xEE)
    world.clock.advance(9 * BIT_NS)
    assert status(i2c) == NOT_ACKNOWLEDGED | BUSY | DONE


def test_the_last_byte_is_read_without_an_acknowledgement_and_with_a_stop(
    world: FakeWorld, i2c: I2c, slave: Slave
) -> None:
    command(i2c, Command.READ)
    world.clock.advance(9 * BIT_NS)
    command(i2c, Command.READ | Command.NOT_ACKNOWLEDGE | Command.STOP)
    world.clock.advance(10 * BIT_NS)
    assert slave.seen == ["read", "read the last", "stop"]
    assert (i2c.read(i2c.data.offset), status(i2c)) == (2, DONE)


@pytest.mark.parametrize("pause_ns", [0, 4 * BIT_NS])
def test_bits_wait_while_a_slave_holds_the_clock(
    world: FakeWorld, i2c: I2c, slave: Slave, pause_ns: int
) -> None:
    """From the end of a byte on, whenever the next one is asked for."""
    slave.holds_ns = 100 * BIT_NS
    command(i2c, Command.READ)
    world.clock.advance(9 * BIT_NS + pause_ns)
    command(i2c, Command.READ)
    snapshot = i2c.save()
    i2c.restore(snapshot)
    world.clock.advance((100 + 9) * BIT_NS - pause_ns - 1)
    assert slave.seen == ["read"]
    world.clock.advance(1)
    assert slave.seen == ["read", "read"]


def test_software_that_polls_is_let_to_the_end_of_the_byte(world: FakeWorld, i2c: I2c) -> None:
    stalls: list[int] = []

    def stall(time_ns: int) -> None:
        stalls.append(time_ns)
        world.clock.advance(time_ns - world.clock.now_ns)

    i2c.stall = stall
    send(i2c, 0xA0)
    assert status(i2c) & IN_PROGRESS
    assert stalls == []
    assert not status(i2c) & IN_PROGRESS
    assert not status(i2c) & IN_PROGRESS
    assert stalls == [9 * BIT_NS]
