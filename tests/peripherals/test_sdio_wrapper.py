"""The SDIO wrapper alone: the firmware's side by registers and RAM, the host's by method calls."""

import struct

import pytest
from support.environment import FakeWorld
from support.frames import (
    COMMAND_BUFFER,
    DOWN_BUFFERS,
    DOWN_CHAIN,
    UP_BUFFERS,
    UP_CHAIN,
    VALID,
    is_valid,
    lay_down_chain,
    lay_up_chain,
)
from support.line import FakeLine

from peripherals.sdio_wrapper import PIECE_BYTES, Chain, SdioWrapper

DOWN_COMMAND, DOWN_FRAME, UP_FRAME = 8, 2, 1


@pytest.fixture
def irq() -> FakeLine:
    return FakeLine()


@pytest.fixture
def wrapper(world: FakeWorld, irq: FakeLine) -> SdioWrapper:
    wrapper = SdioWrapper("sdio_wrapper", world.environment, irq)
    wrapper.reset()
    return wrapper


def start(wrapper: SdioWrapper, chain: Chain) -> None:
    wrapper.write(wrapper.address[chain].offset, (DOWN_CHAIN, UP_CHAIN)[chain])
    wrapper.write(wrapper.start[chain].offset, 1)


def flags(wrapper: SdioWrapper) -> int:
    return wrapper.read(wrapper.interrupt_status.offset)


def is_running(wrapper: SdioWrapper, chain: Chain) -> int:
    return wrapper.read(wrapper.status[chain].offset)


def test_with_nobody_on_the_wires_it_only_looks_for_descriptors(
    wrapper: SdioWrapper, world: FakeWorld
) -> None:
    lay_down_chain(world.memory)
    lay_up_chain(world.memory)
    start(wrapper, Chain.DOWN)
    start(wrapper, Chain.UP)
    assert (is_running(wrapper, Chain.DOWN), is_running(wrapper, Chain.UP)) == (1, 0)
    assert wrapper.read(wrapper.start[Chain.DOWN].offset) == 0
    assert (flags(wrapper), wrapper.frame_bytes) == (0, 0)


def test_a_frame_of_the_host_fills_a_buffer_and_gives_its_descriptor_back(
    wrapper: SdioWrapper, world: FakeWorld, irq: FakeLine
) -> None:
    lay_down_chain(world.memory)
    start(wrapper, Chain.DOWN)
    assert wrapper.take_frame(b"frame")
    assert world.memory.read(DOWN_BUFFERS, 5) == b"frame"
    assert not is_valid(world.memory, DOWN_CHAIN)
    assert wrapper.read(wrapper.address[Chain.DOWN].offset) == DOWN_CHAIN + 12
    assert (flags(wrapper), irq.is_high()) == (DOWN_FRAME, True)
    wrapper.write(wrapper.interrupt_status.offset, DOWN_FRAME)
    assert not irq.is_high()


def test_without_a_free_buffer_frames_are_refused_until_it_is_started_again(
    wrapper: SdioWrapper, world: FakeWorld
) -> None:
    lay_down_chain(world.memory)
    start(wrapper, Chain.DOWN)
    assert [wrapper.take_frame(b"frame") for _ in range(3)] == [True, True, False]
    assert not is_running(wrapper, Chain.DOWN)
    world.memory.write(DOWN_CHAIN, VALID.to_bytes(4, "little"))
    assert not wrapper.takes_frames
    wrapper.write(wrapper.start[Chain.DOWN].offset, 1)
    assert wrapper.takes_frames


def test_without_the_link_it_stops_after_each_descriptor(wrapper: SdioWrapper, world: FakeWorld) -> None:
    lay_down_chain(world.memory)
    wrapper.write(wrapper.link[Chain.DOWN].offset, 0)
    start(wrapper, Chain.DOWN)
    wrapper.take_frame(b"frame")
    assert not wrapper.takes_frames
    wrapper.write(wrapper.start[Chain.DOWN].offset, 1)
    assert wrapper.takes_frames


def test_writing_0_stops_it(wrapper: SdioWrapper, world: FakeWorld) -> None:
    lay_down_chain(world.memory)
    start(wrapper, Chain.DOWN)
    wrapper.write(wrapper.start[Chain.DOWN].offset, 0)
    assert not wrapper.takes_frames


def test_a_command_of_the_host_takes_its_buffer(
    wrapper: SdioWrapper, world: FakeWorld, irq: FakeLine
) -> None:
    wrapper.write(wrapper.command_address.offset, COMMAND_BUFFER)
    wrapper.write(wrapper.command_size.offset, 8)
    assert not wrapper.take_command(b"too soon")
    wrapper.write(wrapper.command_buffer.offset, 1)
    assert wrapper.take_command(b"command and more")
    assert world.memory.read(COMMAND_BUFFER, 12) == b"command " + bytes(4)
    assert (wrapper.read(wrapper.command_buffer.offset), flags(wrapper)) == (0, DOWN_COMMAND)
    assert irq.is_high()


def test_frames_for_the_host_are_announced_and_fetched_in_turn(
    wrapper: SdioWrapper, world: FakeWorld
) -> None:
    announced: list[int] = []
    wrapper.on_frame = lambda: announced.append(wrapper.frame_bytes)
    lay_up_chain(world.memory, b"one", b"second")
    start(wrapper, Chain.UP)
    assert (announced, wrapper.read_frame(), flags(wrapper)) == ([3], b"one", 0)
    wrapper.finish_frame()
    assert (announced, wrapper.read_frame(), flags(wrapper)) == ([3, 6], b"second", UP_FRAME)
    assert not is_valid(world.memory, UP_CHAIN)
    wrapper.finish_frame()
    assert (announced, wrapper.read_frame(), is_running(wrapper, Chain.UP)) == ([3, 6], b"", 0)


def test_starting_again_does_not_announce_a_frame_twice(wrapper: SdioWrapper, world: FakeWorld) -> None:
    announced: list[int] = []
    wrapper.on_frame = lambda: announced.append(wrapper.frame_bytes)
    lay_up_chain(world.memory, b"one")
    start(wrapper, Chain.UP)
    start(wrapper, Chain.UP)
    assert announced == [3]


def test_a_long_frame_goes_on_in_its_next_buffer(wrapper: SdioWrapper, world: FakeWorld) -> None:
    offset, size_bytes, first, second = 8, PIECE_BYTES + 4, UP_BUFFERS, UP_BUFFERS + 0x1000
    frame = bytes(index % 251 for index in range(size_bytes))
    world.memory.write(first + offset, frame[: PIECE_BYTES - offset])
    world.memory.write(second, frame[PIECE_BYTES - offset :])
    world.memory.write(
        UP_CHAIN, struct.pack("<6I", VALID, size_bytes << 12 | offset, first, second, 0, UP_CHAIN)
    )
    start(wrapper, Chain.UP)
    assert wrapper.read_frame() == frame


def test_a_mask_keeps_a_flag_from_the_line(wrapper: SdioWrapper, world: FakeWorld, irq: FakeLine) -> None:
    lay_down_chain(world.memory)
    start(wrapper, Chain.DOWN)
    wrapper.write(wrapper.interrupt_mask.offset, DOWN_FRAME)
    wrapper.take_frame(b"frame")
    assert (flags(wrapper), irq.is_high()) == (DOWN_FRAME, False)


def test_a_chain_where_nothing_answers_is_reported(wrapper: SdioWrapper, world: FakeWorld) -> None:
    wrapper.write(wrapper.address[Chain.DOWN].offset, 0x7000_0000)
    wrapper.write(wrapper.start[Chain.DOWN].offset, 1)
    assert not wrapper.takes_frames
    assert world.log.names == ["sdio_wrapper.chain"]


def test_a_buffer_where_nothing_answers_is_reported(wrapper: SdioWrapper, world: FakeWorld) -> None:
    world.memory.write(DOWN_CHAIN, struct.pack("<3I", VALID, 0x7000_0000, DOWN_CHAIN))
    start(wrapper, Chain.DOWN)
    wrapper.take_frame(b"frame")
    assert world.log.names == ["sdio_wrapper.chain"]
