from __future__ import annotations

import pytest
from support.environment import FakeWorld

from peripherals.flash_controller import FlashController
from peripherals.flash_operation import PowerCut
from peripherals.framework.reset import ResetCause
from peripherals.nor_flash import NorFlash
from peripherals.shared_buffer import SharedBuffer

INFO, START_REGISTER, CONTROL, ADDRESS = (
    FlashController.slots[name].offset for name in ("command_info", "command_start", "control", "address")
)
START = 1 << 8
# Command words of the second-stage bootloader.
READ_ID, READ_TWO_BYTE_ID = 0x0002_C09F, 0x8001_C090
READ_STATUS, READ_STATUS_2, WRITE_STATUS_2 = 0xC005, 0xC035, 0xA031
FAST_READ, QUAD_READ = 0xBC00_C00B, 0xEC00_C0EB
WRITE_ENABLE, SECTOR_ERASE, PAGE_PROGRAM = 0x06, 0x8000_0820, 0x80FF_9002
# Command words of wm_hal_flash.c.
HAL_CHIP_ERASE, HAL_UNIQUE_ID = 0x0860, 0x300F_C04B
HAL_QUAD_READ_PAGE = 0xF4FF_C0EB


class Board:
    """A controller with a flash, driven by register accesses."""

    def __init__(self, world: FakeWorld) -> None:
        self.world = world
        self.flash = NorFlash(1 << 20, unique_id=b"0123456789abcdef")
        self.buffer = SharedBuffer("buffer", world.environment)
        self.controller = FlashController(
            "flash", world.environment, flash=self.flash, shared_buffer=self.buffer
        )

    def command(self, info: int, address: int | None = None) -> None:
        self.controller.write(INFO, info)
        if address is not None:
            self.controller.write(ADDRESS, address)
        self.controller.write(START_REGISTER, START)

    def is_busy(self) -> bool:
        return bool(self.controller.read(START_REGISTER) & START)

    def fill(self, data: bytes) -> None:
        self.buffer.contents[: len(data)] = data

    def fifo(self, size_bytes: int) -> bytes:
        return bytes(self.buffer.contents[:size_bytes])


@pytest.fixture
def board(world: FakeWorld) -> Board:
    return Board(world)


def test_the_id_arrives_in_the_first_word(board: Board) -> None:
    board.command(READ_ID)
    assert board.buffer.read(0, 4) == 0x14_6085
    board.command(READ_TWO_BYTE_ID)
    assert board.buffer.read(0, 1) == 0x85


def test_the_unique_id_fills_four_words(board: Board) -> None:
    board.command(HAL_UNIQUE_ID)
    assert board.fifo(16) == b"0123456789abcdef"


@pytest.mark.parametrize("info", [FAST_READ | 255 << 16, QUAD_READ | 255 << 16, HAL_QUAD_READ_PAGE])
def test_a_read_fills_the_buffer_as_far_as_asked(board: Board, info: int) -> None:
    board.flash.load(0x4_5600, bytes(range(256)) + b"more")
    board.fill(bytes(1024))
    board.command(info, 0x4_5600)
    assert board.fifo(258) == bytes(range(256)) + b"\x00\x00"


def test_the_longest_read_is_the_whole_buffer(board: Board) -> None:
    board.flash.load(0, bytes(range(256)) * 4)
    board.command(FAST_READ | 1023 << 16, 0)
    assert board.fifo(1024) == bytes(range(256)) * 4


def test_quad_mode_is_switched_on_as_the_bootloader_does(board: Board) -> None:
    board.flash = NorFlash(1 << 20, quad_enabled=False)
    board.controller.flash = board.flash
    board.command(READ_STATUS_2)
    assert board.buffer.read(0, 1) == 0
    board.command(WRITE_ENABLE)
    board.command(READ_STATUS_2)
    board.command(READ_STATUS)
    board.fill(b"\x02\x00\x00\x00")
    board.command(WRITE_STATUS_2)
    board.command(READ_STATUS_2)
    assert board.buffer.read(0, 1) == 2


def test_erase_and_program_without_polling_queue_up(board: Board) -> None:
    board.flash.load(0x8000, bytes(8192))
    board.command(WRITE_ENABLE)
    board.command(SECTOR_ERASE, 0x8000)
    board.fill(bytes(range(256)))
    for page in (0x8000, 0x8100):
        board.command(WRITE_ENABLE)
        board.command(PAGE_PROGRAM, page)
    assert bytes(board.flash.contents[0x8000:0x8200]) == bytes(range(256)) * 2
    assert bytes(board.flash.contents[0x8200:0x9001]) == b"\xff" * 0xE00 + b"\x00"
    assert board.world.log.entries == []
    board.world.clock.advance(6_000_000)
    assert board.is_busy()
    board.world.clock.advance(1_000_000)
    assert not board.is_busy()


def test_the_start_bit_stays_set_while_the_device_erases(board: Board) -> None:
    board.command(WRITE_ENABLE)
    board.world.clock.advance(1_000)
    assert not board.is_busy()
    board.command(SECTOR_ERASE, 0)
    board.world.clock.advance(3_999_999)
    assert board.is_busy()
    board.world.clock.advance(1)
    assert not board.is_busy()


def test_a_read_takes_its_time_on_the_wires(board: Board) -> None:
    board.command(FAST_READ | 255 << 16, 0)
    board.world.clock.advance(51_999)
    assert board.is_busy()
    board.world.clock.advance(1)
    assert not board.is_busy()


def test_a_poll_while_busy_stalls_until_ready(board: Board) -> None:
    stalls: list[int] = []

    def stall(until_ns: int) -> None:
        stalls.append(until_ns)
        board.world.clock.jump(until_ns - board.world.clock.now_ns)

    board.controller.stall = stall
    board.command(WRITE_ENABLE)
    board.command(SECTOR_ERASE, 0)
    assert not board.is_busy()
    assert not board.is_busy()
    assert stalls == [800, 4_000_800]


def test_the_hal_chip_erase_works_though_it_claims_to_erase_a_sector(board: Board) -> None:
    board.flash.load(0xF_FFFF, b"\x00")
    board.command(WRITE_ENABLE)
    board.command(HAL_CHIP_ERASE)
    assert board.flash.contents[0xF_FFFF] == 0xFF


def test_writing_other_bits_of_the_start_register_starts_nothing(board: Board) -> None:
    board.flash.load(0, b"x")
    board.controller.write(INFO, FAST_READ)
    board.controller.write(START_REGISTER, 0)
    assert board.fifo(1) == b"\x00"


def test_a_refused_command_is_logged(board: Board) -> None:
    board.command(SECTOR_ERASE, 0)
    assert board.world.log.names == ["nor_flash.command_20"]


def test_remapping_the_rom_is_logged_as_not_modelled(board: Board) -> None:
    board.controller.write(FlashController.slots["remap"].offset, 1)
    assert board.world.log.names == ["flash.remap.rom_at_zero"]


def test_the_bus_settings_of_the_bootloader_are_modelled(board: Board) -> None:
    board.controller.write(CONTROL, 0xD)
    assert board.controller.read(CONTROL) == 0xD
    assert board.world.log.entries == []


def test_a_byte_store_to_the_start_bit_starts_the_command(board: Board) -> None:
    board.flash.load(0, b"x")
    board.controller.write(INFO, FAST_READ)
    board.controller.write(START_REGISTER + 1, 1, 1)
    assert board.fifo(1) == b"x"


def test_after_a_power_cut_and_a_reset_the_controller_works_again(board: Board) -> None:
    def cut(_operation: object) -> None:
        raise PowerCut

    board.flash.observers.append(cut)
    board.command(WRITE_ENABLE)
    with pytest.raises(PowerCut):
        board.command(SECTOR_ERASE, 0)
    board.flash.observers.clear()
    board.controller.reset(ResetCause.POWER_ON)
    assert not board.is_busy()
    board.command(READ_STATUS)
    assert board.buffer.read(0, 1) == 0


def test_a_snapshot_restores_the_busy_time_and_the_status_of_the_device(board: Board) -> None:
    board.command(WRITE_ENABLE)
    snapshot = board.controller.save()
    board.command(SECTOR_ERASE, 0)
    board.controller.restore(snapshot)
    board.world.clock.advance(800)
    assert not board.is_busy()
    board.command(READ_STATUS)
    assert board.buffer.read(0, 1) == 2
