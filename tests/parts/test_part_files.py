"""Images that memories begin with, and files of what parts hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from emu.boards import read_board
from emu.loader import LoadError
from emu.machine.assembly import fit_board
from emu.machine.machine import Machine
from emu.machine.part_files import load_part, write_part
from emu.machine.replay import Replay
from emu.parts import Eeprom24c, Led, SdmmcCard

BOARD = """\
[parts.card]
kind = "sdmmc_card"
bus = "sdio_host"
size_mib = 2
image = "card.img"
"""


def image(folder: Path) -> bytes:
    """A megabyte with something at its beginning, and in its middle."""
    content = bytearray(1 << 20)
    content[3 * 512 : 3 * 512 + 6] = b"begin\0"
    content[0x8_0000:0x8_0006] = b"middle"
    (folder / "card.img").write_bytes(content)
    return bytes(content)


def test_a_card_of_a_board_begins_with_an_image(machine: Machine, tmp_path: Path) -> None:
    content = image(tmp_path)
    (tmp_path / "board.toml").write_text(BOARD)
    fit_board(machine, tmp_path / "board.toml")
    before = machine.snapshot()
    machine.uart1.write("sdmmc card\n")
    machine.uart0.expect("block 3 begins with begin")
    machine.uart0.expect("sdmmc card: done")
    write_part(machine, "card", tmp_path / "after.img")
    after = (tmp_path / "after.img").read_bytes()
    changed = {at // 512 for at in range(0, 1 << 20, 512) if after[at : at + 512] != content[at : at + 512]}
    assert (len(after), changed, (tmp_path / "card.img").read_bytes()) == (
        2 << 20,
        set(range(100, 104)),
        content,
    )
    machine.restore(before)
    assert machine.parts["card"].as_file() == content.ljust(2 << 20, b"\0")


def test_a_recording_needs_no_image(machine: Machine, tmp_path: Path) -> None:
    content = image(tmp_path)
    machine.record()
    rom = machine.i2c.attach(Eeprom24c(size_kbit=512), name="rom")
    with pytest.raises(LoadError, match=r"card.img: 1,048,576 bytes, and rom has 65,536"):
        load_part(rom, tmp_path / "card.img")
    (tmp_path / "rom.img").write_bytes(content[0x8_0000:0x8_0100])
    load_part(rom, tmp_path / "rom.img")
    machine.run_for(0.001)
    machine.save_recording(tmp_path / "run.rec")
    (tmp_path / "rom.img").unlink()
    replay = Replay.load(tmp_path / "run.rec", cache=False)
    replay.run()
    assert replay.machine.parts["rom"].as_file()[:6] == b"middle"


def test_what_is_wrong_is_told_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "board.toml"
    path.write_text(BOARD)
    with pytest.raises(LoadError, match=r"board.toml, line 5: card: there is no file .*card.img"):
        read_board(path)
    path.write_text('[parts.lamp]\nkind = "led"\npin = "PB0"\nimage = "x"\n')
    with pytest.raises(LoadError, match="line 4: lamp: a led takes no image"):
        read_board(path)


def test_parts_that_hold_nothing_have_no_files(machine: Machine, tmp_path: Path) -> None:
    machine.parts.attach(Led(), name="lamp", pin="PB0")
    with pytest.raises(LoadError, match="lamp: a led holds nothing for a file"):
        write_part(machine, "lamp", tmp_path / "out")
    with pytest.raises(LoadError, match="lamp: a led takes no image"):
        load_part(machine.parts["lamp"], tmp_path / "out")
    card = machine.parts.attach(SdmmcCard(size_mib=1), name="card", bus="sdio_host")
    with pytest.raises(LoadError, match="cannot be read"):
        load_part(card, tmp_path / "none")
