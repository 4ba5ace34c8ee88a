from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.absent import Absent


def test_every_access_is_reported_by_name_and_offset(world: FakeWorld) -> None:
    block = Absent("i2c", world.environment, FakeLine())
    assert block.read(0x10) == 0
    block.write(0x04, 0x1F, 1)
    assert world.log.entries == [("i2c+0x10", "read 4 bytes"), ("i2c+0x4", "write 0x1f, 1 bytes")]


def test_its_interrupt_line_stays_low(world: FakeWorld) -> None:
    line = FakeLine()
    Absent("i2c", world.environment, line).reset()
    assert line.rises == 0
