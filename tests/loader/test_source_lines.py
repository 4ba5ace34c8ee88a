"""The lines of our own firmware, which is built with debug information."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from support.elf_builder import small_program

import roms
from emu.loader import SourceLines
from emu.loader.dwarf import Dwarf
from emu.loader.elf import parse_elf
from emu.loader.errors import Origin
from emu.loader.structures import Structures

ROMS = Path(roms.__file__).parent
ELF = ROMS / "ota_ops" / "ota_ops.elf"


@pytest.mark.parametrize("function", ["app_main", "ota_update", "kernel_switch"])
def test_a_function_begins_where_its_name_is(function: str) -> None:
    program = parse_elf(ELF.read_bytes(), Origin(ELF.name))
    path, _, number = program.lines.at(program.symbols[function].address).rpartition(":")
    assert path.startswith("roms/")
    lines = (ROMS.parent / path).read_text(encoding="utf-8").splitlines()
    behind = int(number) - 1
    assert any(
        f"{function}(" in line for line in lines[behind - 4 : behind + 1]
    )  # the last row for an address


def test_assembly_has_lines_too() -> None:
    program = parse_elf(ELF.read_bytes(), Origin(ELF.name))
    assert program.lines.at(program.symbols["interrupt_entry"].address + 2).startswith(
        "roms/firmware/kernel/interrupts.S:"
    )


def test_all_rows_tell_the_line_of_each_address() -> None:
    lines = SourceLines(Dwarf(ELF.read_bytes()))
    rows = lines.all_rows()
    assert rows == sorted(rows, key=lambda row: row.address)
    latest = {row.address: row for row in rows if row.address >= 0x0800_F400}  # others are of code left out
    for row in list(latest.values())[::50]:
        assert lines.at(row.address) == (f"{row.path}:{row.line}" if row.path else "")
    assert {"roms/ota_ops/main.c", "roms/firmware/kernel/interrupts.S"} <= {row.path for row in rows}
    assert SourceLines().all_rows() == []


def test_where_a_sequence_ends_nothing_of_it_is_left() -> None:
    """The last row of `log_text` is where the next function begins."""
    program = parse_elf((ROMS / "atcmd" / "atcmd.elf").read_bytes(), Origin("atcmd.elf"))
    end = program.symbols["log_text"].end
    assert program.lines.at(end - 2).startswith("roms/firmware/runtime/log.c:")
    at_end = [row.path for row in program.lines.all_rows() if row.address == end and row.path]
    assert at_end
    assert "roms/firmware/runtime/log.c" not in at_end


def test_other_addresses_have_no_line() -> None:
    lines = SourceLines(Dwarf(ELF.read_bytes()))
    assert [lines.at(address) for address in (0x2000_0000, 0x0900_0000, 0xFFFF_FFFF)] == ["", "", ""]


def test_without_debug_information_there_are_no_lines() -> None:
    assert SourceLines().at(0x0800_F410) == ""
    assert SourceLines(Dwarf(small_program())).at(0x0800_F410) == ""


def test_damaged_debug_information_gives_no_lines_and_no_error() -> None:
    data = bytearray(ELF.read_bytes())
    program = parse_elf(bytes(data), Origin(ELF.name))
    address = program.symbols["app_main"].address
    assert program.lines.at(address)
    start = data.find(b"firmware/kernel\0")  # the table of folders of a line program
    data[start - 0x40 : start] = b"\xff" * 0x40
    assert isinstance(SourceLines(Dwarf(bytes(data))).at(address), str)
    assert SourceLines(Dwarf(bytes(data[:100]))).at(address) == ""


SECTIONS = [".debug_aranges", ".debug_info", ".debug_abbrev", ".debug_line", ".debug_str", ".debug_line_str"]


@pytest.mark.parametrize("name", SECTIONS)
def test_whatever_is_damaged_costs_lines_and_structures_only(name: str) -> None:
    whole = ELF.read_bytes()
    address = parse_elf(whole, Origin(ELF.name)).symbols["app_main"].address
    section = ELFFile(io.BytesIO(whole)).get_section_by_name(name)
    dice = random.Random(name)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 40)):
            data[section["sh_offset"] + dice.randrange(section["sh_size"])] = dice.choice((0, 0x80, 0xFF))
        dwarf = Dwarf(bytes(data))
        assert isinstance(SourceLines(dwarf).at(address), str)
        assert isinstance(Structures(dwarf).at(address), dict)
    assert isinstance(SourceLines(dwarf).all_rows(), list)  # takes too long for each of them


def test_what_the_reader_of_debug_information_does_not_implement_costs_lines_only() -> None:
    data = bytearray(ELF.read_bytes())
    ranges = ELFFile(io.BytesIO(bytes(data))).get_section_by_name(".debug_aranges")
    data[ranges["sh_offset"] + 11] = 4  # the size of a segment selector
    assert SourceLines(Dwarf(bytes(data))).at(0x0800_F410) == ""
