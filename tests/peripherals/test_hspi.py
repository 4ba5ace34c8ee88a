"""The high-speed SPI slave in front of its wrapper, and a master of it."""

import pytest
from support.environment import FakeWorld
from support.frames import COMMAND_BUFFER, DOWN_BUFFERS, DOWN_CHAIN, UP_CHAIN, lay_down_chain, lay_up_chain
from support.line import FakeLine

from peripherals.hspi import Hspi
from peripherals.hspi_master import HspiMaster
from peripherals.sdio_wrapper import Chain, SdioWrapper

BIG_ENDIAN = 8
RX_OVERRUN, TX_UNDERRUN = 2, 1


@pytest.fixture
def irq() -> FakeLine:
    return FakeLine()


@pytest.fixture
def wrapper(world: FakeWorld) -> SdioWrapper:
    wrapper = SdioWrapper("sdio_wrapper", world.environment, FakeLine())
    wrapper.reset()
    return wrapper


@pytest.fixture
def hspi(world: FakeWorld, irq: FakeLine, wrapper: SdioWrapper) -> Hspi:
    hspi = Hspi("hspi", world.environment, irq)
    hspi.connect(wrapper)
    hspi.reset()
    return hspi


@pytest.fixture
def master(hspi: Hspi) -> HspiMaster:
    return HspiMaster(hspi.exchange)


def offer_buffers(wrapper: SdioWrapper, world: FakeWorld) -> None:
    lay_down_chain(world.memory)
    wrapper.write(wrapper.address[Chain.DOWN].offset, DOWN_CHAIN)
    wrapper.write(wrapper.start[Chain.DOWN].offset, 1)
    wrapper.write(wrapper.command_address.offset, COMMAND_BUFFER)
    wrapper.write(wrapper.command_buffer.offset, 1)


def offer_frames(wrapper: SdioWrapper, world: FakeWorld, *frames: bytes) -> None:
    lay_up_chain(world.memory, *frames)
    wrapper.write(wrapper.address[Chain.UP].offset, UP_CHAIN)
    wrapper.write(wrapper.start[Chain.UP].offset, 1)


def flags(hspi: Hspi) -> int:
    return hspi.read(hspi.interrupt_status.offset)


def test_what_the_drivers_write_with_nobody_on_the_wires_reads_back(hspi: Hspi, world: FakeWorld) -> None:
    """hspi_regs_cfg of wm_hspi.c, SDK 1.x."""
    for register, value in ((hspi.clear_fifos, 1), (hspi.config, 0), (hspi.mode, 0)):
        hspi.write(register.offset, value)
    hspi.write(hspi.interrupt_mask.offset, 3)
    hspi.write(hspi.interrupt_status.offset, 3)
    assert world.log.names == []
    offsets = (register.offset for register in hspi.registers())
    assert [hspi.read(offset) for offset in offsets] == [0, 0, 0, 3, 0, 0]


def test_the_master_sees_which_buffers_are_free(hspi: Hspi, wrapper: SdioWrapper, world: FakeWorld) -> None:
    assert hspi.exchange(b"\x03\xff\xff") == bytes(3)
    offer_buffers(wrapper, world)
    assert hspi.exchange(b"\x03\xff\xff") == b"\x00\x03\x00"
    wrapper.take_command(b"")
    assert hspi.exchange(b"\x03\xff\xff") == b"\x00\x01\x00"


def test_a_master_sends_frames_and_commands_in_whole_words(
    master: HspiMaster, wrapper: SdioWrapper, world: FakeWorld
) -> None:
    assert not master.send(b"too soon")
    offer_buffers(wrapper, world)
    world.memory.write(DOWN_BUFFERS, b"????????")
    assert master.send(b"frame")
    assert master.send_command(b"cmd")
    assert world.memory.read(DOWN_BUFFERS, 8) == b"frame\0\0\0"
    assert world.memory.read(COMMAND_BUFFER, 4) == b"cmd\0"


def test_a_frame_may_come_in_parts(hspi: Hspi, wrapper: SdioWrapper, world: FakeWorld) -> None:
    offer_buffers(wrapper, world)
    hspi.exchange(b"\x80part")
    hspi.exchange(b"\x81comm")
    assert world.memory.read(DOWN_BUFFERS, 8) == bytes(8)
    hspi.exchange(b"\x90 one")
    hspi.exchange(b"\x91and!")
    assert world.memory.read(DOWN_BUFFERS, 8) == b"part one"
    assert world.memory.read(COMMAND_BUFFER, 8) == b"command!"


def test_a_master_fetches_the_frames_that_are_announced_to_it(
    hspi: Hspi, master: HspiMaster, wrapper: SdioWrapper, world: FakeWorld
) -> None:
    hspi.ready = ready = FakeLine()
    assert master.receive() == b""
    offer_frames(wrapper, world, b"frame", b"second")
    assert ready.is_high()
    assert (master.receive(), ready.is_high()) == (b"frame", True)
    assert (master.receive(), ready.is_high()) == (b"second", False)
    assert (master.receive(), flags(hspi)) == (b"", 0)


def test_asking_takes_the_announcement_back(hspi: Hspi, wrapper: SdioWrapper, world: FakeWorld) -> None:
    offer_frames(wrapper, world, b"frame")
    assert hspi.exchange(b"\x06\xff\xff") == b"\x00\x01\x00"
    assert hspi.exchange(b"\x06\xff\xff") == b"\x00\x00\x00"
    assert hspi.exchange(b"\x02\xff\xff") == b"\x00\x05\x00"


def test_a_masked_announcement_does_not_reach_the_wire(
    hspi: Hspi, wrapper: SdioWrapper, world: FakeWorld
) -> None:
    hspi.ready = ready = FakeLine()
    hspi.exchange(b"\x85\x01\x00")
    assert hspi.exchange(b"\x05\xff\xff") == b"\x00\x01\x00"
    offer_frames(wrapper, world, b"frame")
    assert not ready.is_high()
    hspi.exchange(b"\x85\x00\x00")
    assert ready.is_high()


def test_a_frame_may_be_fetched_in_parts(hspi: Hspi, wrapper: SdioWrapper, world: FakeWorld) -> None:
    offer_frames(wrapper, world, b"part one", b"next")
    assert hspi.exchange(b"\x00????")[1:] == b"part"
    assert hspi.exchange(b"\x10????")[1:] == b" one"
    assert hspi.exchange(b"\x10????")[1:] == b"next"


def test_a_big_endian_slave_turns_words_and_numbers(
    hspi: Hspi, wrapper: SdioWrapper, world: FakeWorld
) -> None:
    hspi.write(hspi.config.offset, BIG_ENDIAN)
    offer_buffers(wrapper, world)
    offer_frames(wrapper, world, b"abcde")
    assert hspi.exchange(b"\x02\xff\xff") == b"\x00\x00\x05"
    assert hspi.exchange(b"\x10????????")[1:] == b"dcba\0\0\0e"
    hspi.exchange(b"\x90emarf...")
    assert world.memory.read(DOWN_BUFFERS, 8) == b"rame...f"


def test_what_has_no_buffer_is_an_overrun(hspi: Hspi, irq: FakeLine) -> None:
    hspi.exchange(b"\x90data")
    assert (flags(hspi), irq.is_high()) == (RX_OVERRUN, False)
    hspi.write(hspi.interrupt_mask.offset, 0)
    assert irq.is_high()
    hspi.write(hspi.interrupt_status.offset, RX_OVERRUN)
    assert not irq.is_high()
    hspi.exchange(b"\x91data")
    assert flags(hspi) == RX_OVERRUN


def test_what_is_not_there_is_an_underrun(hspi: Hspi) -> None:
    assert hspi.exchange(b"\x10????") == bytes(5)
    assert flags(hspi) == TX_UNDERRUN


def test_clearing_drops_what_has_not_come_in_whole(
    hspi: Hspi, wrapper: SdioWrapper, world: FakeWorld
) -> None:
    offer_buffers(wrapper, world)
    hspi.exchange(b"\x80part")
    hspi.write(hspi.clear_fifos.offset, 1)
    hspi.exchange(b"\x90last")
    assert world.memory.read(DOWN_BUFFERS, 8) == b"last" + bytes(4)


def test_a_register_that_is_not_there_reads_as_0(hspi: Hspi) -> None:
    assert (hspi.exchange(b"\x04\xff\xff"), hspi.exchange(b"\x84\x01\x00"), hspi.exchange(b"")) == (
        bytes(3),
        bytes(3),
        b"",
    )


def test_a_snapshot_keeps_what_is_on_its_way(hspi: Hspi, wrapper: SdioWrapper, world: FakeWorld) -> None:
    offer_buffers(wrapper, world)
    hspi.exchange(b"\x80part")
    snapshot = hspi.save()
    hspi.reset()
    hspi.restore(snapshot)
    hspi.exchange(b"\x90 two")
    assert world.memory.read(DOWN_BUFFERS, 8) == b"part two"
