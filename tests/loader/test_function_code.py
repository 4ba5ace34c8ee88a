"""Functions and their copies in the debug information of our own firmware."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import roms
from emu.loader.dwarf import Dwarf
from emu.loader.elf import parse_elf
from emu.loader.errors import Origin
from emu.loader.function_code import functions_of

ELF = Path(roms.__file__).parent / "ota_ops" / "ota_ops.elf"
REPOSITORY = ELF.parents[2]


def test_functions_are_where_their_symbols_are_and_declared_where_they_are_written() -> None:
    symbols = parse_elf(ELF.read_bytes(), Origin(ELF.name)).symbols
    own = {
        each.name: each
        for each in functions_of(Dwarf(ELF.read_bytes()))
        if not each.is_copy and each.entry > 99
    }
    assert len(own) > 50
    for name, function in own.items():
        found = symbols.at(function.entry)
        assert found is not None
        assert (found[0].name.partition(".")[0], found[1]) == (name, 0)  # such as put_number.isra.0
        ((begin, end),) = function.ranges
        assert begin == function.entry < end
        text = (REPOSITORY / function.path).read_text(encoding="utf-8").splitlines()[function.line - 1]
        assert f"{name}(" in text


def test_copies_are_inside_of_the_functions_that_they_are_part_of() -> None:
    functions = list(functions_of(Dwarf(ELF.read_bytes())))
    (program,) = [each for each in functions if each.name == "flash_program"]
    ((begin, end),) = program.ranges
    copies = [each for each in functions if each.is_copy and begin <= each.entry < end]
    assert {each.name for each in copies} == {"is_inside", "smaller", "fifo_write", "write_command"}
    assert all(begin <= low <= high <= end for each in copies for low, high in each.ranges)


@pytest.mark.parametrize("seed", range(8))
def test_what_is_damaged_costs_functions_only(seed: int) -> None:
    dice, data = random.Random(seed), bytearray(ELF.read_bytes())
    begin = data.find(b"GNU C")
    for _ in range(400):
        data[dice.randrange(begin // 2, len(data))] = dice.choice((0, 0x80, 0xFF))
    assert isinstance(list(functions_of(Dwarf(bytes(data)))), list)


def test_without_debug_information_there_are_none() -> None:
    assert list(functions_of(Dwarf())) == []
