from __future__ import annotations

import pytest
from support.environment import FakeWorld

from peripherals.framework.memory_block import MemoryBlock
from peripherals.framework.reset import ResetCause


class Scratch(MemoryBlock):
    size_bytes = 0x40


@pytest.fixture
def block(world: FakeWorld) -> Scratch:
    return Scratch("scratch", world.environment)


@pytest.mark.parametrize("size_bytes", [1, 2, 4])
def test_it_reads_back_in_any_size(block: Scratch, size_bytes: int) -> None:
    block.write(0x10, 0xAABB_CCDD, size_bytes)
    assert block.read(0x10) == block.peek(0x10) == 0xAABB_CCDD & (1 << 8 * size_bytes) - 1
    assert block.read(0x10, size_bytes) == block.read(0x10)


def test_parts_of_a_word_leave_the_others(block: Scratch) -> None:
    block.write(0x10, 0x4433_2211)
    block.write(0x11, 0xAA, 1)
    block.write(0x12, 0xBBCC, 2)
    assert block.read(0x10) == 0xBBCC_AA11


def test_only_the_loss_of_power_clears_it(block: Scratch) -> None:
    block.write(0, 1)
    block.reset(ResetCause.WATCHDOG)
    assert block.read(0) == 1
    block.reset(ResetCause.POWER_ON)
    assert block.read(0) == 0


def test_a_snapshot_comes_back_in_place(block: Scratch) -> None:
    contents = block.contents
    block.write(0, 1)
    snapshot = block.save()
    block.write(0, 2)
    block.restore(snapshot)
    assert contents[0] == 1
