"""The SDIO host alone, at 1 MHz / 2: a clock on the wires takes 2 us."""

from __future__ import annotations

import pytest
from support.environment import FakeWorld
from support.line import FakeLine

from peripherals.framework.reset import ResetCause
from peripherals.sd_wires import NothingConnected, crc7
from peripherals.sdio_host import SdioHost

CLOCK_NS = 2_000
COMMAND, NULL, RESPONSE, LONG, READ, DATA = 48, 1 << 2, 1 << 6, 1 << 4, 1 << 1, 1 << 0
COMMAND_DONE, DATA_DONE, DATA_CRC, COMMAND_CRC, BLOCKS_DONE, DATA_TIMEOUT, NO_RESPONSE, REFUSED = (
    *(0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40),
    0x80,
)
DMA, BUFFER_WRITE = 1 << 10, 1 << 11
BLOCK_CLOCKS = 8 + 512 * 8 + 18


class FakeCard(NothingConnected):
    """Answers what a test wants."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.responses: list[bytes] = []
        self.blocks: list[bytes] = []
        self.written: list[tuple[bytes, int]] = []
        self.asked: list[tuple[int, int]] = []
        self.status = 0b010
        self.busy = 0

    def command(self, frame: bytes) -> bytes:
        self.frames.append(frame)
        return self.responses.pop(0) if self.responses else b""

    def read(self, size_bytes: int, lines: int) -> bytes:
        self.asked.append((size_bytes, lines))
        return self.blocks.pop(0) if self.blocks else b""

    def write(self, data: bytes, lines: int) -> int:
        self.written.append((data, lines))
        return self.status

    def busy_ns(self) -> int:
        return self.busy

    def exchange(self, sent: bytes) -> bytes:
        self.written.append((sent, 0))
        return bytes(byte ^ 0xFF for byte in sent)


@pytest.fixture
def card() -> FakeCard:
    return FakeCard()


@pytest.fixture
def irq() -> FakeLine:
    return FakeLine()


@pytest.fixture
def host(world: FakeWorld, irq: FakeLine, card: FakeCard) -> SdioHost:
    host = SdioHost("sdio_host", world.environment, irq)
    host.reset()
    host.wires = card
    host.write(host.card_select.offset, 0xC0 | 39)  # of 80 MHz
    host.write(host.control.offset, 0b11)
    host.write(host.crc_control.offset, 0xC0)
    return host


def command(host: SdioHost, number: int, argument: int, io: int) -> None:
    for register, byte in zip(host.command_buffer, argument.to_bytes(4, "little"), strict=False):
        host.write(register.offset, byte)
    host.write(host.command_buffer[4].offset, 0x40 | number)
    host.write(host.io.offset, io)


def flags(host: SdioHost) -> int:
    return host.read(host.interrupts.offset)


def framed(content: bytes) -> bytes:
    return content + bytes((crc7(content[-15:]) << 1 | 1,))


def buffered(host: SdioHost, count: int) -> bytes:
    return bytes(register.byte for register in host.command_buffer[:count])


def take(host: SdioHost, words: int) -> bytes:
    return b"".join(host.read(host.buffer[0].offset).to_bytes(4, "little") for _ in range(words))


def fill(host: SdioHost, data: bytes) -> None:
    for at in range(0, len(data), 4):
        host.write(host.buffer[at // 4 % 128].offset, int.from_bytes(data[at : at + 4], "little"))


def test_the_checksum_of_commands_is_that_of_the_specification() -> None:
    """4.5: those of command 0, command 17, and the response to 17."""
    assert [crc7(bytes.fromhex(frame)) << 1 | 1 for frame in ("4000000000", "5100000000", "1100000900")] == [
        *(0x95, 0x55),
        0x67,
    ]


def test_a_command_goes_out_and_its_response_comes_back(
    host: SdioHost, card: FakeCard, world: FakeWorld, irq: FakeLine
) -> None:
    host.write(host.interrupt_mask.offset, COMMAND_DONE)
    card.responses = [framed(b"\x08\x00\x00\x01\xaa")]
    command(host, 8, 0x1AA, RESPONSE | NULL)
    world.clock.advance(CLOCK_NS * COMMAND - 1)
    assert card.frames == []
    world.clock.advance(1)
    assert card.frames == [bytes.fromhex("48000001aa87")]
    world.clock.advance(CLOCK_NS * (8 + 48 + 8) - 1)
    assert (flags(host), irq.level) == (0, False)
    world.clock.advance(1)
    assert (flags(host), irq.is_high()) == (COMMAND_DONE, True)
    assert buffered(host, 5) == b"\xaa\x01\x00\x00\x08"
    host.write(host.interrupts.offset, COMMAND_DONE)
    assert not irq.is_high()


def test_a_long_response_is_in_the_buffer_without_its_checksum(
    host: SdioHost, card: FakeCard, world: FakeWorld
) -> None:
    card.responses = [framed(b"\x3f" + bytes(range(15)))]
    command(host, 2, 0, RESPONSE | LONG | NULL)
    world.clock.advance(CLOCK_NS * 300)
    assert flags(host) == COMMAND_DONE
    assert buffered(host, 16) == bytes(range(14, -1, -1)) + b"\x3f"


def test_a_response_without_a_checksum_is_told(host: SdioHost, card: FakeCard, world: FakeWorld) -> None:
    card.responses = [b"\x3f\x80\xff\x80\x00\xff"] * 2
    command(host, 41, 0, RESPONSE | NULL)
    world.clock.advance(CLOCK_NS * 200)
    assert flags(host) == COMMAND_DONE | COMMAND_CRC
    assert host.crc_control.command_error == 1
    host.write(host.interrupts.offset, 0x7FF)
    host.write(host.crc_control.offset, 0)
    command(host, 41, 0, RESPONSE | NULL)
    world.clock.advance(CLOCK_NS * 200)
    assert flags(host) == COMMAND_DONE


def test_nobody_answers(host: SdioHost, card: FakeCard, world: FakeWorld) -> None:
    command(host, 8, 0x1AA, RESPONSE | NULL)
    world.clock.advance(CLOCK_NS * 10_000)
    assert flags(host) == 0
    host.write(host.port.offset, 1 << 4 | 15)
    command(host, 8, 0x1AA, RESPONSE | NULL)
    world.clock.advance(CLOCK_NS * (COMMAND + 15 + 8))
    assert flags(host) == COMMAND_DONE | NO_RESPONSE
    assert len(card.frames) == 2


def test_bits_written_while_the_command_is_out_count(
    host: SdioHost, card: FakeCard, world: FakeWorld
) -> None:
    """As wm_hal_sdh.c writes them, one after the other."""
    card.responses = [framed(b"\x11\x00\x00\x09\x00")]
    command(host, 17, 0, NULL)
    host.write(host.io.offset, RESPONSE | NULL)
    world.clock.advance(CLOCK_NS * 200)
    assert len(card.frames) == 1
    assert buffered(host, 5) == b"\x00\x09\x00\x00\x11"


def test_null_clocks_alone(host: SdioHost, card: FakeCard, world: FakeWorld) -> None:
    host.write(host.io.offset, 1 << 5)
    world.clock.advance(CLOCK_NS * 8)
    assert (flags(host), card.frames) == (COMMAND_DONE, [])


def test_without_a_clock_nothing_goes_out(host: SdioHost, card: FakeCard, world: FakeWorld) -> None:
    host.write(host.card_select.offset, 0x80 | 39)
    command(host, 0, 0, NULL)
    world.clock.advance(CLOCK_NS * 1000)
    assert card.frames == []


def test_a_block_is_read(host: SdioHost, card: FakeCard, world: FakeWorld) -> None:
    block = bytes(range(256)) * 2
    card.blocks = [block]
    host.write(host.io.offset, READ | DATA)
    world.clock.advance(CLOCK_NS * BLOCK_CLOCKS - 1)
    assert (flags(host), host.io.data, host.read(host.buffer_control.offset) & 3) == (0, 1, 0b10)
    world.clock.advance(1)
    assert (flags(host), host.io.data, host.read(host.buffer_control.offset) & 3) == (DATA_DONE, 0, 0b01)
    assert host.peek(host.buffer[0].offset) == 0x0302_0100
    assert take(host, 128) == block
    assert card.asked == [(512, 1)]


def test_a_block_of_another_size_than_asked_for_is_damaged(
    host: SdioHost, card: FakeCard, world: FakeWorld
) -> None:
    card.blocks = [bytes(64)]
    host.write(host.io.offset, READ | DATA)
    world.clock.advance(CLOCK_NS * BLOCK_CLOCKS)
    assert flags(host) == DATA_DONE | DATA_CRC
    assert take(host, 128) == bytes(64) + b"\xff" * 448


def test_a_register_is_read_on_four_lines_in_high_speed(
    host: SdioHost, card: FakeCard, world: FakeWorld
) -> None:
    """80 MHz / 4, 8 bytes on 4 lines: 42 clocks of 50 ns."""
    host.write(host.control.offset, 0b11 | 1 << 3 | 1 << 6 | 1 << 7)
    host.write(host.byte_count.offset, 8)
    card.blocks = [b"register"]
    host.write(host.io.offset, READ | DATA)
    world.clock.advance(50 * (8 + 16 + 18) - 1)
    assert flags(host) == 0
    world.clock.advance(1)
    assert (flags(host), take(host, 2), card.asked) == (DATA_DONE, b"register", [(8, 4)])


def test_a_read_that_nobody_answers_ends_with_a_timeout(host: SdioHost, world: FakeWorld) -> None:
    host.write(host.timeout_count.offset, 0xFF)
    host.write(host.multi_block.offset, 1 << 6)
    host.write(host.io.offset, READ | DATA)
    world.clock.advance(CLOCK_NS * BLOCK_CLOCKS + 255 * 100_000 - 1)
    assert (flags(host), host.io.data) == (0, 1)
    world.clock.advance(1)
    assert (flags(host), host.io.data) == (DATA_TIMEOUT, 0)


def test_a_block_is_written_when_it_is_there_and_the_card_no_longer_busy(
    host: SdioHost, card: FakeCard, world: FakeWorld
) -> None:
    block = bytes(range(256)) * 2
    card.busy = 1000
    host.write(host.io.offset, DATA)
    world.clock.advance(CLOCK_NS * 2 * BLOCK_CLOCKS)
    assert card.written == []
    fill(host, block)
    world.clock.advance(CLOCK_NS * (BLOCK_CLOCKS + 8))
    assert (card.written, flags(host)) == ([(block, 1)], 0)
    assert host.read(host.signals.offset) == 0x80 | 0b010 << 4 | 0b1110
    card.busy = 0
    world.clock.advance(1000)
    assert (flags(host), host.io.data) == (DATA_DONE, 0)
    assert host.read(host.signals.offset) & 1


@pytest.mark.parametrize(("stops", "expected"), [(0, DATA_DONE), (1 << 5, REFUSED)])
def test_a_block_that_the_card_refuses(
    host: SdioHost, card: FakeCard, world: FakeWorld, stops: int, expected: int
) -> None:
    card.status = 0b101
    host.write(host.crc_control.offset, 0xC0 | stops)
    fill(host, bytes(512))
    host.write(host.io.offset, DATA)
    world.clock.advance(CLOCK_NS * (BLOCK_CLOCKS + 8))
    assert (flags(host), host.signals.crc_status) == (expected, 0b101)


def test_many_blocks_wait_for_room_and_are_counted(host: SdioHost, card: FakeCard, world: FakeWorld) -> None:
    card.blocks = [bytes((number,)) * 512 for number in range(3)]
    host.write(host.block_count.offset, 3)
    host.write(host.multi_block.offset, 0b11)
    world.clock.advance(CLOCK_NS * BLOCK_CLOCKS * 10)
    assert (host.blocks_done.blocks, host.multi_block.blocks) == (1, 1)
    for number in range(3):
        assert take(host, 128) == bytes((number,)) * 512
        world.clock.advance(CLOCK_NS * BLOCK_CLOCKS)
    assert (host.blocks_done.blocks, host.multi_block.blocks) == (3, 0)
    assert flags(host) == DATA_DONE | BLOCKS_DONE


def test_the_dma_is_asked_from_the_level_on_until_all_is_there(
    host: SdioHost, card: FakeCard, world: FakeWorld
) -> None:
    asked = host.dma_request = FakeLine()
    host.write(host.buffer_control.offset, DMA | BUFFER_WRITE | 8 << 2)
    assert asked.is_high()
    fill(host, bytes(508))
    assert asked.is_high()
    fill(host, bytes(4))
    assert not asked.is_high()
    host.write(host.block_count.offset, 2)
    host.write(host.multi_block.offset, 0b01)
    assert asked.is_high()
    fill(host, bytes(512))
    world.clock.advance(CLOCK_NS * 3 * BLOCK_CLOCKS)
    assert (len(card.written), host.buffer_control.dma, asked.level) == (2, 0, False)


def test_the_dma_fetches_what_is_left_at_the_end(host: SdioHost, card: FakeCard, world: FakeWorld) -> None:
    asked = host.dma_request = FakeLine()
    card.blocks = [bytes(512)]
    host.write(host.buffer_control.offset, DMA | 1 << 2)
    host.write(host.block_count.offset, 1)
    host.write(host.multi_block.offset, 0b11)
    world.clock.advance(CLOCK_NS * BLOCK_CLOCKS)
    assert (flags(host) & BLOCKS_DONE, host.buffer_control.dma, asked.level) == (BLOCKS_DONE, 1, True)
    take(host, 128)
    assert (host.buffer_control.dma, asked.is_high()) == (0, False)


def test_a_command_goes_ahead_of_its_blocks(host: SdioHost, card: FakeCard, world: FakeWorld) -> None:
    card.responses = [framed(b"\x12\x00\x00\x09\x00")]
    card.blocks = [bytes(512)]
    host.write(host.block_count.offset, 1)
    command(host, 18, 0, 0)
    host.write(host.multi_block.offset, 0b110)
    world.clock.advance(CLOCK_NS * (COMMAND + 8 + 48 + BLOCK_CLOCKS))
    assert flags(host) == COMMAND_DONE | DATA_DONE | BLOCKS_DONE
    assert (len(card.frames), host.multi_block.command_first) == (1, 0)


def test_spi_mode_sends_what_is_there_and_reads_while_it_sends_ones(
    host: SdioHost, card: FakeCard, world: FakeWorld
) -> None:
    host.write(host.control.offset, 0b10)
    host.write(host.byte_count.offset, 6)
    fill(host, b"abcdefgh")
    host.write(host.io.offset, DATA)
    world.clock.advance(CLOCK_NS * 48)
    assert (card.written, flags(host)) == ([(b"abcdef", 0)], DATA_DONE)
    host.write(host.io.offset, READ | DATA)
    world.clock.advance(CLOCK_NS * 48)
    assert (card.written[1], take(host, 2)) == ((b"\xff" * 6, 0), bytes(8))


def test_spi_mode_goes_on_over_the_size_of_the_buffer(
    host: SdioHost, card: FakeCard, world: FakeWorld
) -> None:
    host.write(host.control.offset, 0b10)
    host.write(host.byte_count.offset, 700)
    fill(host, bytes(512))
    host.write(host.io.offset, DATA)
    fill(host, bytes(188))
    world.clock.advance(CLOCK_NS * 700 * 8)
    assert ([len(sent) for sent, _ in card.written], flags(host)) == ([512, 188], DATA_DONE)


def test_zeros_stop_what_waits_for_ever(host: SdioHost, card: FakeCard, world: FakeWorld) -> None:
    host.write(host.io.offset, READ | DATA)
    world.clock.advance(CLOCK_NS * 10 * BLOCK_CLOCKS)
    assert host.io.data == 1
    host.write(host.io.offset, 0)
    card.blocks = [bytes(512)]
    host.write(host.io.offset, READ | DATA)
    world.clock.advance(CLOCK_NS * BLOCK_CLOCKS)
    assert flags(host) == DATA_DONE


def test_a_reset_drops_everything(host: SdioHost, card: FakeCard, world: FakeWorld, irq: FakeLine) -> None:
    card.blocks = [bytes(512)]
    host.write(host.interrupt_mask.offset, 0x1FF)
    command(host, 8, 0, RESPONSE | NULL)
    host.write(host.multi_block.offset, 0b11)
    fill(host, bytes(4))
    host.reset(ResetCause.SOFTWARE)
    world.clock.advance(CLOCK_NS * 10 * BLOCK_CLOCKS)
    assert (card.frames, card.asked, flags(host), irq.level) == ([], [], 0, False)
    assert host.read(host.buffer_control.offset) == 0b10


def test_a_snapshot_goes_on_in_the_middle_of_a_block(
    host: SdioHost, card: FakeCard, world: FakeWorld
) -> None:
    card.blocks = [b"\x11" * 512, b"\x22" * 512]
    host.write(host.io.offset, READ | DATA)
    world.clock.advance(CLOCK_NS * 100)
    snapshot = host.save()
    world.clock.advance(CLOCK_NS * BLOCK_CLOCKS)
    assert take(host, 128) == b"\x11" * 512
    host.restore(snapshot)
    world.clock.now_ns = CLOCK_NS * 100
    world.clock.advance(CLOCK_NS * (BLOCK_CLOCKS - 100))
    assert (flags(host), take(host, 128)) == (DATA_DONE, b"\x22" * 512)
