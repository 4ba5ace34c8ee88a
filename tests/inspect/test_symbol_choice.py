"""Which names hold: of what is in the flash at the moment, and of what runs."""

from __future__ import annotations

import pytest
from cpu.program import ENGINES, op

from emu.inspect.symbol_choice import NamedProgram, SymbolChoice
from emu.loader import Symbol, Symbols
from emu.machine.board import Board, BoardOptions
from emu.machine.boot_chain import BootChain
from emu.machine.machine import Machine
from emu.memory_map import FLASH_BASE, SRAM_BASE

BOOTLOADER, APP = FLASH_BASE + 0x2400, FLASH_BASE + 0xF400
CODE = op("movi16", rz=1, imm=1) * 8


def program(name: str, address: int, contents: bytes) -> NamedProgram:
    names = [Symbol(f"{name}_main", address, 16), Symbol(f"{name}_data", SRAM_BASE, 16)]
    return NamedProgram(address, contents, Symbols(names))


PROGRAMS = [
    program("app", APP, CODE + b"1"),
    program("update", APP, CODE + b"2"),
    program("same", APP + 4, CODE[4:]),
    program("boot", BOOTLOADER, CODE),
]


@pytest.fixture
def machine() -> Machine:
    contents = bytearray(b"\xff" * 0x10_0000)
    contents[0x2400:0x2410] = CODE
    contents[0xF400:0xF411] = CODE + b"1"
    board = Board(contents, BoardOptions(ENGINES["interpreter"]))
    machine = Machine(board, BootChain(board), SymbolChoice(PROGRAMS))
    machine.registers.update(pc=APP)
    return machine


def names(machine: Machine) -> list[str]:
    return [machine.describe(address) for address in (BOOTLOADER, APP + 4, SRAM_BASE)]


def test_code_has_the_names_of_its_program_and_data_those_of_the_running_one(machine: Machine) -> None:
    assert names(machine) == ["boot_main", "app_main+0x4", "app_data"]
    machine.registers.update(pc=BOOTLOADER)
    assert names(machine) == ["boot_main", "app_main+0x4", "boot_data"]
    machine.registers.update(pc=SRAM_BASE)
    assert names(machine) == ["boot_main", "app_main+0x4", "app_data"]


def test_an_update_changes_the_names_at_once(machine: Machine) -> None:
    machine.flash.load(0xF410, b"2")
    assert names(machine) == ["boot_main", "update_main+0x4", "update_data"]
    machine.flash.load(0xF400, b"\0")
    assert names(machine) == ["boot_main", "same_main", "same_data"]
    machine.flash.load(0, bytes(0x10_0000))
    assert names(machine) == ["", "", ""]


def test_names_lead_to_addresses_in_every_program_that_is_there(machine: Machine) -> None:
    assert [machine.address_of(name) for name in ("boot_main", "app_main")] == [BOOTLOADER, APP]
