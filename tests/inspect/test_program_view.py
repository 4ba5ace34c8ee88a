from __future__ import annotations

from cpu.program import code, op
from machine.device import UART0, machine_of

from emu.inspect.program_view import ProgramView
from emu.inspect.symbol_choice import NamedProgram
from emu.loader import Symbol, Symbols
from emu.memory_map import FLASH_BASE, SRAM_BASE

PROGRAM = code(*(op("addi", rz=number, oimm=number + 1) for number in range(7)), op("bsr", offset=-14))


def view_of(program: bytes, *symbols: Symbol) -> ProgramView:
    return ProgramView(machine_of(program).board.bus, [NamedProgram(0, b"", Symbols(symbols))])


def test_the_listing_marks_pc_among_its_neighbours() -> None:
    lines = list(view_of(PROGRAM, Symbol("main", FLASH_BASE, 0x100)).listing(FLASH_BASE + 14))
    assert lines[:7] == [
        *(f"    80000{2 * number:02x}:  {0x2000 | number << 8 | number:04x}       addi r{number}, {number + 1}" for number in range(1, 7)),
        "=>  800000e:  e3ff fff9  bsr 0x8000000 // main",
    ]  # fmt: skip


def test_a_listing_at_the_start_of_a_function_shows_nothing_before() -> None:
    lines = list(view_of(PROGRAM, Symbol("main", FLASH_BASE + 4, 0x100)).listing(FLASH_BASE + 4))
    assert lines[0].startswith("=>  8000004:")


def test_where_no_function_is_known_sizes_have_to_fit() -> None:
    lines = list(view_of(PROGRAM).listing(FLASH_BASE + 18))
    assert [line.split(":")[0] for line in lines[5:7]] == ["    800000e", "=>  8000012"]


def test_there_is_nothing_to_list_outside_memory() -> None:
    assert list(view_of(PROGRAM).listing(0x6000_0000)) == []


def test_looking_at_devices_and_holes_reads_nothing() -> None:
    view = view_of(PROGRAM)
    assert view.number(UART0) is None
    assert view.number(SRAM_BASE + 0x4_7FFE) is None
    assert view.number(SRAM_BASE) == 0
