"""The mask ROM's download mode, as a host sees it that brings up a board."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.flasher import (
    BAUD_RATE,
    ERASE,
    FLASH_ID,
    LAST_ERROR,
    MAC,
    RESTART,
    ROM_VERSION,
    SET_MAC,
    Flasher,
    frame,
)

from emu.loader.headers import stand_in_bootloader
from emu.loader.image import Image, ImageHeader
from emu.machine import Machine, RunEnd
from emu.machine.demo import BUILT_IN_FIRMWARE, BUILT_IN_PROGRAMS
from emu.memory_map import FLASH_BASE
from emu.regress.explore.images import fields_of, made
from emu.regress.explore.structure import draw_edits, edited
from peripherals.flash_operation import Phase
from peripherals.nor_flash import SECTOR_SIZE

FLASH_SIZE = 0x20_0000
ESCAPES = b"\x1b" * 5


def empty_board(folder: Path, contents: bytes = b"\xff" * FLASH_SIZE) -> Machine:
    flash = folder / "flash.bin"
    flash.write_bytes(contents)
    return Machine.load(flash_file=flash, cache=False, on_download="wait")


@pytest.fixture
def board(tmp_path: Path) -> Machine:
    return empty_board(tmp_path)


@pytest.fixture
def host(board: Machine) -> Flasher:
    return Flasher(board)


def image_at(address: int, body: bytes, **fields: Any) -> bytes:
    header = ImageHeader(0xA0FF_FF9F, 1, address, 0, address - 0x400, 0, 0)
    return Image.build(replace(header, **fields), body).to_bytes()


def held(board: Machine, address: int, size: int) -> bytes:
    return bytes(board.flash.contents[address - FLASH_BASE :][:size])


APP = image_at(0x0800_F400, bytes(range(251)) * 20)


def test_an_empty_flash_makes_the_mask_rom_ask_for_an_image(host: Flasher) -> None:
    letters = [host.prompt() for _ in range(4)]
    assert letters == ["C"] * 4
    assert host.machine.refusal is not None
    assert 250_000_000 < host.machine.now_ns < 450_000_000
    assert str(host.machine.whereabouts()) == "the mask ROM waits for a download"


def test_without_anybody_who_could_send_one_the_run_ends(tmp_path: Path) -> None:
    (tmp_path / "flash.bin").write_bytes(b"\xff" * FLASH_SIZE)
    machine = Machine.load(flash_file=tmp_path / "flash.bin", cache=False)
    assert machine.run().end is RunEnd.DOWNLOAD
    assert machine.run().end is RunEnd.DOWNLOAD


def test_a_pin_leads_into_download_mode(host: Flasher) -> None:
    host.machine.flash.load(0x2000, b"damaged")
    host.machine.pins["PA0"].drive(0)
    assert host.prompt() == "C"
    host.machine.pins["PA0"].release()
    host.machine.reset()
    assert [host.prompt() for _ in range(3)] == ["L"] * 3


def test_an_image_is_placed_with_its_header(host: Flasher) -> None:
    assert host.send(APP)
    image = Image.parse(APP, origin=None)  # type: ignore[arg-type]
    assert held(host.machine, 0x0800_F000, 64) == APP[:64]
    assert held(host.machine, 0x0800_F400, len(image.body)) == image.body
    assert host.prompt() == "C"


def test_what_is_around_an_image_in_its_sectors_is_erased_and_no_more(tmp_path: Path) -> None:
    board = empty_board(tmp_path, b"\x5a" * FLASH_SIZE)
    board.pins["PA0"].drive(0)
    assert Flasher(board).send(APP)
    assert held(board, 0x0800_EFFF, 1) == b"\x5a"
    assert held(board, 0x0800_F040, 0x3C0) == b"\xff" * 0x3C0
    end = 0x0800_F400 + len(APP) - 64
    last = end + SECTOR_SIZE - end % SECTOR_SIZE
    assert held(board, end, last - end) == b"\xff" * (last - end)
    assert held(board, last, 1) == b"\x5a"


def test_data_images_whose_header_is_for_ram_have_none_in_flash(host: Flasher) -> None:
    data = image_at(0x081F_0000, b"data" * 100, header_address=0x2002_6000, attribute=2)
    assert host.send(data + APP)
    assert held(host.machine, 0x081F_0000, 400) == b"data" * 100
    assert held(host.machine, 0x0800_F000, 64) == APP[:64]


def test_the_real_boot_chain_starts_what_was_flashed(host: Flasher) -> None:
    """From nothing: the bootloader's stand-in, the partition table, the app."""
    bootloader = stand_in_bootloader(0x0800_F000).to_bytes()
    assert host.send(bootloader + BUILT_IN_FIRMWARE.read_bytes())
    host.command(RESTART)
    host.machine.uart0.expect("main: ver")


def test_escape_in_the_bootloaders_window_leads_there(tmp_path: Path) -> None:
    with Machine.load(BUILT_IN_PROGRAMS[0], cache=False, on_download="wait") as machine:
        host = Flasher(machine)
        machine.run_for(0.02)
        assert machine.whereabouts().activity.value.startswith("in the boot code")
        for _ in range(5):
            machine.uart0.write(b"\x1b")
            machine.run_for(0.01)
        host.forget()
        assert [host.prompt() for _ in range(3)] == ["C"] * 3
        machine.reset()
        machine.uart0.expect("main: ver")


@pytest.mark.parametrize("noise", [b"AT+RST\r\n", b"reboot\r\n", ESCAPES, bytes(range(3, 0x21))])
def test_what_is_no_frame_is_not_heeded(host: Flasher, noise: bytes) -> None:
    for _ in range(20):
        host.write(noise)
        host.machine.run_for(0.03)
    assert host.send(APP)


def test_baud_rates_are_changed_and_a_restart_brings_back_the_usual_one(host: Flasher) -> None:
    host.command(BAUD_RATE, (2_000_000).to_bytes(4, "little"))
    host.machine.run_for(0.1)
    started_ns = host.machine.now_ns
    assert host.send(image_at(0x0810_0000, b"fast" * 8192))
    assert host.machine.now_ns - started_ns < 500_000_000
    host.command(RESTART)
    host.machine.run_for(0.01)
    started_ns = host.machine.now_ns
    assert host.send(image_at(0x0810_0000, b"slow" * 8192))
    assert host.machine.now_ns - started_ns > 2_500_000_000


@pytest.mark.parametrize(
    ("index", "count", "first", "last"), [(2, 3, 2, 4), (0x8001, 1, 16, 31), (0x1FF, 9, 511, 511)]
)
def test_erasing_takes_sectors_or_blocks(
    tmp_path: Path, index: int, count: int, first: int, last: int
) -> None:
    board = empty_board(tmp_path, b"\0" * FLASH_SIZE)
    host = Flasher(board)
    assert host.prompt() == "L"
    host.command(ERASE, index.to_bytes(2, "little") + count.to_bytes(2, "little"))
    assert [host.prompt() for _ in range(5)] == ["C"] * 5
    sectors = [board.flash.contents[offset] == 0xFF for offset in range(0, FLASH_SIZE, SECTOR_SIZE)]
    assert [number for number, is_erased in enumerate(sectors) if is_erased] == list(range(first, last + 1))


def test_addresses_are_set_and_told(host: Flasher) -> None:
    assert host.prompt() == "C"
    assert host.command(MAC, answer=1) == b"T"
    host.command(SET_MAC, bytes.fromhex("0011aabbccdd"))
    assert host.prompt() == "C"
    assert host.command(MAC, answer=17) == b"Mac:0011AABBCCDD\n"
    assert host.command(FLASH_ID, answer=10) == b"FID:85,15\n"


@pytest.mark.parametrize(
    ("sent", "letter"),
    [
        (frame(BAUD_RATE, (2_000_001).to_bytes(4, "little")), "S"),
        (frame(BAUD_RATE, b"\0\0\0\0"), "S"),
        (frame(BAUD_RATE), "S"),
        (frame(ERASE, b"\0\x02\1\0"), "S"),
        (frame(ROM_VERSION), "S"),
        (frame(SET_MAC, b"\0"), "V"),
        (frame(RESTART)[:-1] + b"?", "R"),
        (b"!\xff\xff", "R"),
        (b"!\x06\0\xc7", "R"),
    ],
)
def test_bad_commands_have_their_letters_until_the_next_good_one(
    host: Flasher, sent: bytes, letter: str
) -> None:
    host.write(sent)
    host.machine.run_for(2.5)
    host.forget()
    assert host.prompt() == letter
    assert host.command(LAST_ERROR, answer=2) == f"{letter}\n".encode()
    assert host.prompt() == "C"


@pytest.mark.parametrize(
    ("image", "letter"),
    [
        (b"no image" * 20, "L"),
        (APP[:5] + b"?" + APP[6:], "L"),
        (APP[:-1] + b"\0", "M"),
        (image_at(0x0830_0000, b"body"), "J"),
        (image_at(0x2000_0400, b"body"), "J"),
        (image_at(0x0801_0100, b"body"), "K"),
        (image_at(0x081F_FC00, bytes(0x404)), "I"),
        (APP[:-2000], "P"),
        (APP[:30], "L"),
    ],
)
def test_images_that_are_refused_have_their_letters(host: Flasher, image: bytes, letter: str) -> None:
    padding = -len(image) % 128 if letter != "P" else 0
    assert not host.send(image + b"\x1a" * padding)
    host.machine.run_for(1)
    host.forget()
    assert host.prompt() == letter
    host.recover()
    assert host.send(APP)
    assert host.prompt() == "C"


def test_an_image_for_ram_is_started(host: Flasher) -> None:
    spin = (0x0400).to_bytes(2, "little") * 2
    body = (0x2000_4104).to_bytes(4, "little") * 64 + b"\0\0\0\0" + spin
    assert host.send(image_at(0x2000_4000, body, header_address=0x2000_4000))
    host.machine.run_for(0.01)
    assert host.machine.registers["pc"] == 0x2000_4104
    assert host.machine.refusal is None


def test_damaged_blocks_are_asked_for_again(host: Flasher) -> None:
    """A wrong CRC, a block cut short, noise instead of a block."""
    lengths = iter((-1, 700, 0))
    write = host.write

    def damage(data: bytes, timeout: float = 1) -> int:
        if len(data) > 1000 and (length := next(lengths, None)) is not None:
            data = data[:length] + b"?"
        return write(data)

    host.write = damage  # type: ignore[method-assign]
    assert host.send(APP)
    assert held(host.machine, 0x0800_F400, len(APP) - 64) == APP[64:]


def test_a_block_that_comes_again_counts_once(host: Flasher) -> None:
    """As its ACK was lost."""
    read, lost = host.read, list[bytes]()

    def lose(size: int, timeout: float = 1) -> bytes | None:
        data = read(size, timeout)
        if data == b"\x06" and not lost:
            lost.append(data)
            return None
        return data

    host.read = lose  # type: ignore[method-assign]
    assert host.send(APP)
    assert held(host.machine, 0x0800_F400, len(APP) - 64) == APP[64:]


def block(number: int, data: bytes = bytes(128)) -> bytes:
    from binascii import crc_hqx

    return bytes((1, number, 255 - number)) + data + crc_hqx(data, 0).to_bytes(2, "big")


@pytest.mark.parametrize("seed", range(6))
def test_whatever_comes_a_good_image_is_taken_afterwards(board: Machine, host: Flasher, seed: int) -> None:
    """Images with other headers and bytes, most often with right checksums, in blocks one of which is damaged."""
    draw = random.Random(seed)
    data = made(APP, draw_edits(draw, APP, fields_of(APP)), draw.random() < 0.85)
    blocks = [
        block(1 + at // 128, data[at : at + 128].ljust(128, b"\x1a")) for at in range(0, len(data), 128)
    ]
    which = draw.randrange(len(blocks))
    blocks[which] = edited(blocks[which], draw_edits(draw, blocks[which], ()))
    for each in (*blocks, b"\x04"):
        host.forget()
        host.write(each)
        if host.read(1, 12) != b"\x06":
            break
    board.run_for(12)  # until it waits no more
    host.forget()
    assert host.prompt() in "CFGHIJKLMP"
    host.recover()
    assert host.send(APP)
    assert held(board, 0x0800_F400, len(APP) - 64) == APP[64:]


@pytest.mark.parametrize(
    ("sent", "letter"),
    [
        (block(1, APP[:128]) + b"\x18\x18", "D"),
        (block(1, APP[:128]), "F"),
        (block(1, APP[:128]) + block(3), "G"),
    ],
)
def test_transfers_that_end_otherwise_have_their_letters(host: Flasher, sent: bytes, letter: str) -> None:
    host.write(sent)
    host.machine.run_for(15)
    host.forget()
    assert host.prompt() == letter
    host.recover()
    assert host.send(APP)


def test_a_reset_ends_a_transfer(host: Flasher) -> None:
    host.write(block(1, APP[:128]) + b"\x01\x02")
    host.machine.run_for(0.5)
    host.machine.reset()
    host.forget()
    assert host.prompt() == "C"
    assert host.send(APP)


@pytest.mark.parametrize("phase", Phase)
def test_a_board_whose_power_is_cut_in_an_erase_can_be_flashed_again(tmp_path: Path, phase: Phase) -> None:
    board = empty_board(tmp_path, b"\0" * FLASH_SIZE)
    host = Flasher(board)
    board.cut_power_at_flash_operation(3, phase)
    host.write(frame(ERASE, b"\x02\0\xfe\x01"))
    assert board.run_for(5).end is RunEnd.POWER_CUT
    board.power_cycle()
    host.forget()
    assert host.prompt() == "C"
    host.command(ERASE, b"\x02\0\xfe\x01")
    assert host.prompt() == "C"
    assert host.send(APP)
    assert held(board, 0x0800_F400, len(APP) - 64) == APP[64:]
    assert set(held(board, 0x0810_0000, 0x1000)) == {0xFF}


@pytest.mark.parametrize("moment_s", [0.01, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65, 0.8])
def test_a_snapshot_in_the_middle_goes_on_as_the_run_did(tmp_path: Path, moment_s: float) -> None:
    boards = [empty_board(tmp_path) for _ in range(2)]
    frames = block(1, APP[:128]) + block(2, APP[128:256]) + block(2, APP[128:256]) + block(3)
    for board in boards:
        board.run_for(0.15)
        board.uart0.write(b"?\x1b" + frame(SET_MAC, bytes(6)) + frames)
    first, second = boards
    first.run_for(moment_s)
    second.restore(first.snapshot())
    assert second.snapshot().state_hash() == first.snapshot().state_hash()
    for board in boards:
        board.run_for(0.7)
    assert second.snapshot().state_hash() == first.snapshot().state_hash()
    assert second.uart0.data == first.uart0.data


def test_a_recorded_flashing_is_replayed(tmp_path: Path) -> None:
    from emu.machine.replay import Replay

    board = empty_board(tmp_path)
    board.record(0.05)
    assert Flasher(board).send(APP)
    board.run_for(0.2)
    board.save_recording(tmp_path / "flashing.rec")
    result = Replay.load(tmp_path / "flashing.rec", cache=False).run()
    assert not result.difference


def test_slices_of_a_run_change_nothing(tmp_path: Path) -> None:
    hashes = []
    for slices in (1, 7, 100):
        with Machine.load(cache=False) as machine:
            for number in range(slices):
                machine.run(700_000_000 * (number + 1) // slices - machine.now_ns)
            hashes.append(machine.snapshot().state_hash())
    assert len(set(hashes)) == 1
