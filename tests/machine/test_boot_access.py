"""Boot code gets at the chip through its models, and virtual time passes."""

from __future__ import annotations

import pytest
from cpu.program import ENGINES
from machine.device import FLASH_SIZE

from emu.machine import Machine, RunEnd
from emu.machine.access_log import UnmodelledLog
from emu.machine.board import Board, BoardOptions
from emu.machine.boot_access import REBOOT_REASON_ADDRESS, boot_chip
from emu.machine.boot_chain import BAUD_RATE
from emu.machine.demo import BUILT_IN_PROGRAMS
from roms.boot_chip import Console

CHARACTER_NS = 10 * 1_000_000_000 // 115_200


@pytest.fixture
def board() -> Board:
    return Board(bytearray(b"\xff" * FLASH_SIZE), BoardOptions(ENGINES["interpreter"]))


def console_of(board: Board) -> Console:
    console = boot_chip(board).console
    console.set_baud_rate(BAUD_RATE)
    return console


def test_what_boot_code_prints_takes_its_time_on_the_wire(board: Board) -> None:
    sent: list[tuple[int, int]] = []
    board.soc.uart0.transmit = lambda byte: sent.append((board.clock.now_ns, byte))
    console_of(board).transmit(b"ok")
    assert [byte for _, byte in sent] == list(b"ok")
    assert [time_ns for time_ns, _ in sent] == pytest.approx([CHARACTER_NS, 2 * CHARACTER_NS], rel=0.01)
    assert board.clock.now_ns == sent[-1][0]


def test_boot_code_receives_a_byte_when_it_is_in(board: Board) -> None:
    console = console_of(board)
    board.soc.uart0.feed(b"\x1bx")
    assert console.receive(1_000_000) == 0x1B
    assert board.clock.now_ns == pytest.approx(CHARACTER_NS, rel=0.01)
    assert console.receive(1_000_000) == ord("x")


def test_boot_code_does_not_wait_longer_than_it_wants(board: Board) -> None:
    assert console_of(board).receive(5_000_000) is None
    assert board.clock.now_ns == 5_000_000


def test_flash_operations_take_the_time_of_the_device(board: Board) -> None:
    chip = boot_chip(board)
    chip.flash.program_page(0x1000, b"abc")
    assert board.clock.now_ns == board.flash.ready_at_ns > 0
    assert chip.flash.read(0x1000, 4) == b"abc\xff"
    chip.flash.erase_sector(0x1234)
    assert chip.flash.read(0x1000, 4) == b"\xff\xff\xff\xff"


def test_waiting_passes_time_and_the_reboot_reason_is_in_ram(board: Board) -> None:
    board.memory.write(REBOOT_REASON_ADDRESS, b"\x05\0\0\0")
    chip = boot_chip(board)
    chip.wait(123)
    assert (chip.now_ns(), chip.reboot_reason) == (123, 5)


def test_escape_characters_lead_to_the_mask_rom() -> None:
    machine = Machine.load(BUILT_IN_PROGRAMS[0], cache=False)
    machine.uart0.write(b"\x1b" * 4)
    result = machine.run()
    assert result.end is RunEnd.DOWNLOAD
    assert machine.run().end is RunEnd.DOWNLOAD
    machine.reset()
    machine.uart0.expect("main: ver")


def test_the_log_of_missing_models_keeps_the_first_use_of_each_name() -> None:
    log = UnmodelledLog()
    log.locate = iter([(0x0800_F400, "main")]).__next__
    log.unmodelled("i2c+0x0", "read")
    log.unmodelled("i2c+0x0", "write 1")
    assert str(log.uses["i2c+0x0"]) == "2 times, first read at 0x0800f400 (main)"
