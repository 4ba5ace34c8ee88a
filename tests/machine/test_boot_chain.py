"""Who starts the firmware: the mask ROM, a second bootloader of the firmware's own, the model, or nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cpu.program import code, op
from machine import device
from machine.device import set_register
from support.forms import (
    FORMS,
    NO_BOOTLOADER,
    RAM,
    W800_APP,
    W806_APP,
    classic_package,
    program,
)

import roms
from emu.isa.state import Control
from emu.loader import LoadError
from emu.loader.partition_table import OTA_LAYOUT
from emu.machine import Machine, RunEnd
from emu.machine.machine import _wait_for_download
from peripherals.framework.reset import ResetCause
from roms.mask_rom import COMMAND_MODE

ONE_SECOND = 1_000_000_000


def machine_of(folder: Path, name: str, data: bytes | None = None, **options: Any) -> Machine:
    path = folder / name
    path.write_bytes(FORMS[name]() if data is None else data)
    return Machine.load(path, cache=False, **options)


def place_after_boot(machine: Machine) -> int:
    """The vector table of what runs once the boot chain is through."""
    assert machine.run(ONE_SECOND).end is RunEnd.TIME_UP
    return machine.registers["pc"] - 0x100


def test_a_second_bootloader_that_nobody_models_is_executed(tmp_path: Path) -> None:
    machine = machine_of(tmp_path, "package.fls")
    assert machine.setup[-1].endswith("; the second bootloader in the flash, executed")
    assert place_after_boot(machine) == NO_BOOTLOADER


@pytest.mark.parametrize("name", ["app.img", "code.bin", "app.hex", "flash.bin", "luatos.soc"])
def test_an_app_without_second_bootloader_is_started_by_the_model(tmp_path: Path, name: str) -> None:
    machine = machine_of(tmp_path, name, bootloader="modeled")
    assert place_after_boot(machine) in (W800_APP, W806_APP, 0x0801_1400)


def test_without_a_second_bootloader_the_app_starts_at_once(tmp_path: Path) -> None:
    machine = machine_of(tmp_path, "package.fls", bootloader="none")
    assert machine.setup[-1].endswith("; no second bootloader")
    machine.run_until_address(W800_APP + 0x100)
    assert machine.now_ns < 20_000_000


def test_a_program_in_the_bootloaders_place_is_started_by_the_mask_rom(tmp_path: Path) -> None:
    machine = machine_of(tmp_path, "bare.img")
    assert machine.setup[-1].endswith("; no second bootloader")
    assert place_after_boot(machine) == NO_BOOTLOADER


def test_a_damaged_app_is_not_started_without_a_bootloader_either(tmp_path: Path) -> None:
    dump = bytearray(FORMS["flash.bin"]())
    dump[0xD_0500] ^= 1
    result = machine_of(tmp_path, "flash.bin", bytes(dump), bootloader="none").run(ONE_SECOND)
    assert result.end is RunEnd.DOWNLOAD
    assert "the app at 0x080d0000 is no good: its body has a wrong CRC" in result.reason


def test_another_bootloader_is_told_where_the_app_is(tmp_path: Path) -> None:
    other = tmp_path / "secboot.bin"
    other.write_bytes(program(NO_BOOTLOADER, 0x700))
    machine = machine_of(tmp_path, "app.img", bootloader=other)
    assert machine.read(0x0800_2038, 4) == (W806_APP - 0x400).to_bytes(4, "little")
    assert place_after_boot(machine) == NO_BOOTLOADER


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.bin", program(W806_APP), "not a second bootloader"),
        ("b.img", FORMS["app.img"](), "1 is no bootloader's"),
    ],
)
def test_what_is_no_second_bootloader_is_refused(
    tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(LoadError, match=message):
        machine_of(tmp_path, "app.img", bootloader=tmp_path / name)


@pytest.mark.parametrize("name", ["stub.img", "stub.hex"])
def test_a_program_for_ram_starts_once_as_after_a_download(tmp_path: Path, name: str) -> None:
    machine = machine_of(tmp_path, name)
    assert machine.setup[-1].endswith("the program was downloaded to RAM")
    assert place_after_boot(machine) == RAM
    assert machine.board.core.state.control[Control.VBR] == RAM
    machine.reset(ResetCause.WATCHDOG)
    result = machine.run(ONE_SECOND)
    assert result.end is RunEnd.DOWNLOAD
    assert "the bootloader at 0x08002000 is no good" in result.reason


def test_the_chip_is_guessed_and_said(tmp_path: Path) -> None:
    machine = machine_of(tmp_path, "app.img")
    assert machine.setup[0].startswith("W806 (guessed: an app at 0x08010400 that uses no radio); ")
    assert len(machine.flash.contents) == 0x10_0000


def test_a_guessed_chip_has_room_for_what_the_flash_held(tmp_path: Path) -> None:
    dump = FORMS["flash.bin"]() + b"\xff" * 0x20_0000
    assert len(machine_of(tmp_path, "big.bin", dump).flash.contents) == 0x40_0000
    with pytest.raises(LoadError, match="the flash at 0x200000: choose a larger flash"):
        machine_of(tmp_path, "big.bin", dump, chip="W800")


def test_names_of_a_program_in_ram_are_known(tmp_path: Path) -> None:
    (tmp_path / "package.fls").write_bytes(classic_package(W806_APP))
    from support.elf_builder import BuiltSection, BuiltSymbol, build_elf

    code = BuiltSection(".text", RAM, program(RAM))
    elf = build_elf([code], [BuiltSymbol("spin", RAM + 0x100, 2)], entry=RAM + 0x100)
    machine = machine_of(tmp_path, "stub.elf", elf)
    machine.run(1_000_000)
    assert machine.describe(machine.registers["pc"]) == "spin"


def test_why_an_update_is_refused_is_noted_once() -> None:
    """Not at every boot again."""
    with Machine.load(cache=False) as machine:
        told: list[str] = []
        machine.on_note(told.append)
        image = (Path(roms.__file__).parent / "atcmd" / "atcmd.img").read_bytes()
        machine.flash.load(OTA_LAYOUT.require("app_ota").offset, image[:-1] + b"?")
        for _ in range(2):
            machine.run_until_text("main: ver: ")
            machine.reset()
    assert machine.notes == told
    (note,) = told
    assert note.startswith(
        "no update, the image at 0x08131000 in app_ota is refused: the header has body CRC 0x"
    )


@pytest.mark.parametrize(
    ("letter", "meaning"),
    [("M", ": its body has a wrong CRC"), ("C", ""), ("Z", ""), ("L", ": its header has")],
)
def test_the_letter_of_the_mask_rom_comes_after_a_real_bootloader_too(letter: str, meaning: str) -> None:
    gives_up = code(set_register(0, ord(letter)), set_register(1, COMMAND_MODE), op("jmp", rx=1))
    machine = device.machine_of(gives_up)
    machine.hook(COMMAND_MODE, _wait_for_download)
    result = machine.run(ONE_SECOND)
    assert result.end is RunEnd.DOWNLOAD
    assert result.reason.startswith(f"the bootloader went back to it with the letter {letter!r}{meaning}")
    assert machine.uart0.text == letter
