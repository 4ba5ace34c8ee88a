"""Where the members of structures lie, from debug information."""

from __future__ import annotations

from pathlib import Path

from support.elf_builder import small_program

from emu.loader import Structures
from emu.loader.dwarf import Dwarf
from emu.loader.elf import parse_elf
from emu.loader.errors import Origin

ELF = Path(__file__).parents[1] / "firmware" / "programs" / "tasks.elf"


def test_a_source_file_knows_its_structures() -> None:
    program = parse_elf(ELF.read_bytes(), Origin(ELF.name))
    structures = program.structures.at(program.symbols["vTaskSwitchContext"].address)
    task = structures["tskTaskControlBlock"]
    assert (task.size_bytes, task["pxTopOfStack"], task["uxPriority"], task["pxStack"]) == (80, 0, 4, 56)
    assert "xSecret" not in task
    assert structures["xLIST"]["xListEnd"] == 12
    assert "semaphore" in program.structures.at(program.symbols["kernel_switch"].address)
    assert "semaphore" not in structures


def test_without_debug_information_there_are_none() -> None:
    assert Structures().at(0x0800_F410) == {}
    assert Structures(Dwarf(small_program())).at(0x0800_F410) == {}
    assert Structures(Dwarf(ELF.read_bytes())).at(0x2000_0000) == {}


def test_damaged_debug_information_gives_none_and_no_error() -> None:
    data = bytearray(ELF.read_bytes())
    address = parse_elf(bytes(data), Origin(ELF.name)).symbols["app_main"].address
    assert Structures(Dwarf(bytes(data[:100]))).at(address) == {}
    start = data.find(b"tskTaskControlBlock\0") - 0x800  # in .debug_str; before it lie ranges and lines
    for first in range(start - 0x4000, start, 0x1000):
        damaged = data[:first] + b"\xff" * 0x40 + data[first + 0x40 :]
        assert isinstance(Structures(Dwarf(bytes(damaged))).at(address), dict)
