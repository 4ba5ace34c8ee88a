"""What a bus access does to a block, by access mode, size and handler."""

from enum import IntEnum

import pytest
from support.environment import FakeWorld

from peripherals.framework.errors import DeclarationError
from peripherals.framework.fields import choice, rc, reserved, ro, rw, unmodelled, w1c, wo
from peripherals.framework.peripheral import Peripheral, on_read, on_write
from peripherals.framework.register import Register, at
from peripherals.framework.reset import ResetCause


class Mode(IntEnum):
    OFF, SLOW, FAST, TURBO = range(4)


class Block(Peripheral):
    class Control(Register):
        reserved_31 = reserved(31)
        smart_card = unmodelled(24, doc="smart-card mode")
        mode = choice(9, 8, Mode)
        level = rw(7, 4)
        start = wo(0)

    class Flags(Register):
        seen = rc(9)
        done = w1c(8)
        error = w1c(0)
        ready = ro(1)

    class Data(Register):
        byte = rw(7, 0)

    class Channel(Register):
        count = rw(15, 0)

    class Kept(Register, always_on=True):
        word = rw(31, 0)

    class Acknowledge(Register):
        high = w1c(30)
        low = w1c(0)

    class Route(Register):
        pins = rw(15, 0)

    class Radio(Register):
        tuning = unmodelled(31, 0, "it is always in tune")

    control = at(0x00, Control, reset=0x8000_0010)
    flags = at(0x04, Flags)
    data = at(0x08, Data)
    channel = at(0x10, Channel, count=2, stride=8)
    kept = at(0x20, Kept)
    radio = at(0x24, Radio)
    acknowledge = at(0x28, Acknowledge)
    route = at(0x2C, Route)

    saved_state = ("popped",)

    def __init__(self, world: FakeWorld) -> None:
        super().__init__("block0", world.environment)
        self.popped = 0
        self.calls: list[tuple[str, int, int]] = []
        self.resets: list[ResetCause] = []

    @on_write(Control)
    def _start(self, data: int) -> None:
        self.calls.append(("control", self.control.start, data))

    @on_write(Channel)
    def _channel(self, index: int, data: int) -> None:
        self.calls.append(("channel", index, data))

    @on_write(Route, changes=True)
    def _reroute(self, data: int) -> None:
        self.calls.append(("route", self.route.pins, data))

    @on_read(Data, consumes=True)
    def _pop(self) -> int:
        self.popped += 1
        return 0x1_00 + self.popped

    @on_read(Channel)
    def _count(self, index: int) -> int:
        return self.channel[index].count + index

    def _on_reset(self, cause: ResetCause) -> None:
        self.resets.append(cause)


@pytest.fixture
def block(world: FakeWorld) -> Block:
    return Block(world)


def test_registers_start_with_their_reset_value(block: Block) -> None:
    assert block.read(block.control.offset) == 0x8000_0010


def test_a_field_reads_and_assigns_as_its_value(block: Block) -> None:
    block.control.level = 0x1F
    assert (block.control.level, block.control.value) == (0xF, 0x8000_00F0)


def test_a_choice_reads_as_its_name(block: Block) -> None:
    block.write(0x00, 0x200)
    assert block.control.mode is Mode.FAST


def test_writes_leave_read_only_and_reserved_bits(block: Block) -> None:
    block.flags.ready = 1
    block.write(0x04, 0)
    block.write(0x00, 0)
    assert (block.flags.ready, block.control.reserved_31) == (1, 1)


def test_write_only_bits_reach_the_handler_and_read_as_zero(block: Block) -> None:
    block.write(0x00, 1)
    assert block.calls == [("control", 1, 1)]
    assert block.read(0x00) & 1 == 0


@pytest.mark.parametrize("is_by_word", [True, False])
def test_a_handler_of_changes_is_called_for_no_other_writes(block: Block, is_by_word: bool) -> None:
    write = block.word_writer(0x2C) if is_by_word else lambda value: block.write(0x2C, value)
    for value in (0, 7, 7, 0xF_0007, 0):
        write(value)
    assert block.calls == [("route", 7, 7), ("route", 0, 0)]


def test_reads_are_quiet_that_change_nothing_and_of_which_nothing_else_is_said(block: Block) -> None:
    quiet = {register.name for register in block.registers() if block.is_quiet(register.offset)}
    assert quiet == {"control", "kept", "acknowledge", "route"}
    assert not block.is_quiet(0x100)


def test_flags_are_cleared_by_writing_one(block: Block) -> None:
    block.flags.done = block.flags.error = 1
    block.write(0x04, 1 << 8)
    assert (block.flags.done, block.flags.error) == (0, 1)


def test_a_read_clears_what_is_cleared_by_read(block: Block) -> None:
    block.flags.seen = 1
    assert block.read(0x04) == 1 << 9
    assert block.read(0x04) == 0


def test_a_byte_write_keeps_the_other_bytes(block: Block) -> None:
    block.write(0x00, 0x2F0)
    block.write(0x01, 0x01, 1)
    assert (block.control.mode, block.control.level) == (Mode.SLOW, 0xF)


def test_a_byte_write_clears_no_flags_in_other_bytes(block: Block) -> None:
    block.flags.done = block.flags.error = 1
    block.write(0x05, 1, 1)
    assert (block.flags.done, block.flags.error) == (0, 1)


def test_a_byte_write_does_not_repeat_a_write_only_bit(block: Block) -> None:
    block.write(0x00, 1)
    block.write(0x01, 1, 1)
    assert block.calls[-1] == ("control", 0, 0x110 & ~0x10)


def test_a_halfword_read_runs_the_handler_once(block: Block) -> None:
    assert block.read(0x0A, 2) == 0
    assert block.read(0x09, 1) == 1
    assert block.popped == 2


def test_an_array_has_its_stride_and_hands_the_index_over(block: Block) -> None:
    block.write(block.channel[1].offset, 7)
    assert block.channel[1].offset == 0x18
    assert block.calls == [("channel", 1, 7)]
    assert block.read(0x18) == 8


def test_unmodelled_bits_are_reported_by_name_when_they_leave_reset(block: Block, world: FakeWorld) -> None:
    block.write(0x00, 0)
    assert world.log.entries == []
    block.write(0x00, 1 << 24)
    assert world.log.entries == [("block0.control.smart_card", "write 0x1")]
    assert block.control.smart_card == 1


def test_bits_in_no_field_are_reported_by_their_numbers_when_ones_are_written(
    block: Block, world: FakeWorld
) -> None:
    block.write(0x08, 0x0000_00FF)
    assert world.log.entries == []
    block.write(0x08, 0x0012_3400)
    assert world.log.entries == [("block0.data.bits_31_8", "write 0x1234")]
    world.log.entries.clear()
    block.write(0x00, 0x0080_0406)
    block.write(0x12, 1, 2)
    assert world.log.entries == [
        ("block0.control.bits_3_1", "write 0x3"),
        ("block0.control.bits_23_10", "write 0x2001"),
        ("block0.channel[0].bits_31_16", "write 0x1"),
    ]


def rw_only(high: int, low: int) -> type[Register]:
    class Middle(Register):
        middle = rw(high, low)

    return Middle


def test_every_run_of_bits_in_no_field_has_a_name() -> None:
    assert Block.Control.gaps == {"bits_3_1": 0xE, "bits_23_10": 0xFFFC00, "bits_30_25": 0x7E00_0000}
    assert Block.Data.gaps == {"bits_31_8": 0xFFFF_FF00}
    assert rw_only(30, 1).gaps == {"bit_0": 1, "bit_31": 1 << 31}
    assert Block.Kept.gaps == {}


def test_clearing_all_flags_with_ones_is_no_use_of_bits_that_do_not_exist(
    block: Block, world: FakeWorld
) -> None:
    block.write(0x28, 0xFFFF_FFFF)
    assert world.log.entries == []


def test_ones_in_reserved_bits_are_not_reported(block: Block, world: FakeWorld) -> None:
    block.write(0x00, 0x8000_0000)
    assert world.log.entries == []


def test_reading_a_register_without_any_model_is_reported(block: Block, world: FakeWorld) -> None:
    block.write(0x24, 5)
    assert block.read(0x24) == 5
    assert world.log.names == ["block0.radio.tuning", "block0.radio"]


def test_an_offset_without_a_register_reads_zero_and_is_reported(block: Block, world: FakeWorld) -> None:
    assert block.read(0x44) == 0
    block.write(0x46, 0x12, 2)
    assert world.log.entries == [("block0+0x44", "read 4 bytes"), ("block0+0x46", "write 0x12, 2 bytes")]


def test_peek_changes_and_reports_nothing(block: Block, world: FakeWorld) -> None:
    block.flags.seen = 1
    assert block.peek(0x04) == 1 << 9
    assert block.peek(0x04) == 1 << 9
    assert (block.peek(0x08), block.popped) == (0, 0)
    assert block.peek(0x18) == 1
    assert (block.peek(0x24), block.peek(0x44), world.log.entries) == (0, 0, [])


def test_always_on_registers_outlive_every_reset_but_the_loss_of_power(block: Block) -> None:
    block.kept.word = 9
    block.control.level = 9
    block.reset(ResetCause.WATCHDOG)
    assert (block.kept.word, block.control.level) == (9, 1)
    block.reset(ResetCause.POWER_ON)
    assert block.kept.word == 0
    assert block.resets == [ResetCause.WATCHDOG, ResetCause.POWER_ON]


def test_a_snapshot_holds_registers_and_declared_state(block: Block) -> None:
    block.channel[0].count = 3
    block.popped = 5
    snapshot = block.save()
    block.reset()
    block.popped = 0
    block.restore(snapshot)
    assert (block.channel[0].count, block.popped) == (3, 5)


def test_a_word_is_told_by_the_names_of_its_fields(block: Block) -> None:
    block.control.mode = Mode.TURBO
    told = [block.describe(offset, block.peek(offset)) for offset in range(0, 0x40, 4)]
    assert any(line.startswith("block0.control ") and "mode=TURBO level=1" in line for line in told)
    assert any(line.startswith("block0.channel[1] ") for line in told)
    assert block.describe(0xFFC, 0) == ""


def test_bits_without_a_model_have_to_say_what_that_means() -> None:
    with pytest.raises(DeclarationError, match="unmodelled bit 7: say what users have to do without"):
        unmodelled(7)
