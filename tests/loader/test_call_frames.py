"""Where functions have their callers' registers, from .debug_frame; pyelftools is the reference."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from elftools.dwarf.callframe import FDE
from elftools.elf.elffile import ELFFile
from support.elf_builder import small_program
from support.frame_builder import (
    COMMON_INSTRUCTIONS,
    advance,
    base,
    common,
    elf_with,
    function,
    offset,
    saved,
)

import roms
from emu.loader import CallFrames, RegisterRule, Where
from emu.loader.elf import parse_elf
from emu.loader.errors import Origin

ROMS = Path(roms.__file__).parent
PROGRAMS = [
    ROMS / "ota_ops" / "ota_ops.elf",
    ROMS / "atcmd" / "atcmd.elf",
    ROMS.parent / "tests" / "firmware" / "programs" / "tasks.elf",
]
START, SIZE = 0x0800_F400, 0x40
SAVED, IS, REGISTER, UNKNOWN = Where.SAVED, Where.IS, Where.REGISTER, Where.UNKNOWN
Registers = dict[int, RegisterRule]


def rows(elf: bytes) -> Iterator[tuple[int, int, Any]]:
    """First and last address of each row of each function, as pyelftools decodes it."""
    for entry in ELFFile(io.BytesIO(elf)).get_dwarf_info().CFI_entries():
        if isinstance(entry, FDE) and entry["initial_location"]:
            table = entry.get_decoded().table
            ends = [row["pc"] for row in table[1:]] + [entry["initial_location"] + entry["address_range"]]
            yield from ((row["pc"], end - 1, row) for row, end in zip(table, ends, strict=True))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_every_row_of_a_real_program_is_as_pyelftools_reads_it(program: Path) -> None:
    elf = program.read_bytes()
    frames = CallFrames(elf)
    count = 0
    for first, last, row in rows(elf):
        expected = {key: rule.arg for key, rule in row.items() if isinstance(key, int)}
        for address in (first, last):
            rules = frames.at(address)
            assert rules is not None
            assert (rules.base, rules.offset) == (row["cfa"].reg, row["cfa"].offset)
            assert {number: rule.number for number, rule in rules.registers.items()} == expected
            assert {rule.where for rule in rules.registers.values()} <= {SAVED}
            count += 1
    assert count > 200


def frame(text: bytes, at: int = 0, **options: Any) -> tuple[int, int, Registers] | None:
    """Base, offset and registers for an instruction of one function."""
    section = common(**options) + function(START, SIZE, text)
    rules = CallFrames(elf_with(section)).at(START + at)
    return None if rules is None else (rules.base, rules.offset, dict(rules.registers))


def register_rules(text: bytes, **options: Any) -> Registers | None:
    found = frame(text, **options)
    return None if found is None else found[2]


def test_rules_change_from_instruction_to_instruction() -> None:
    text = advance(2) + offset(8) + saved(15, 4) + advance(6) + base(8)
    link = {15: RegisterRule(SAVED, -4)}
    assert frame(text, 0) == frame(text, 1) == (14, 0, {})
    assert frame(text, 2) == frame(text, 7) == (14, 8, link)
    assert frame(text, 8) == frame(text, SIZE - 1) == (8, 8, link)
    assert frame(text, -1) is frame(text, SIZE) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"\x05\x04\x02", {4: RegisterRule(SAVED, -8)}),  # offset_extended
        (b"\x11\x04\x7e", {4: RegisterRule(SAVED, 8)}),  # offset_extended_sf
        (b"\x14\x04\x02", {4: RegisterRule(IS, -8)}),  # val_offset
        (b"\x15\x04\x7e", {4: RegisterRule(IS, 8)}),  # val_offset_sf
        (b"\x09\x04\x05", {4: RegisterRule(REGISTER, 5)}),  # register
        (b"\x07\x0f", {15: RegisterRule(UNKNOWN)}),  # undefined
        (b"\x10\x04\x02\x70\x00", {4: RegisterRule(UNKNOWN)}),  # expression
        (b"\x16\x04\x02\x70\x00", {4: RegisterRule(UNKNOWN)}),  # val_expression
        (b"\x84\x02\x08\x04", {}),  # offset, same_value
        (b"\x84\x02\xc4", {}),  # offset, restore
        (b"\x84\x02\x06\x04", {}),  # offset, restore_extended
        (b"\x0a\x84\x02\x0b", {}),  # remember_state, offset, restore_state
        (b"\xb4\x02\x2e\x10", {}),  # offset of a register that is not a general one, GNU_args_size
    ],
)
def test_every_rule_for_registers(text: bytes, expected: Registers) -> None:
    assert register_rules(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"\x0c\x08\x10", (8, 16)),  # def_cfa
        (b"\x12\x08\x7c", (8, 16)),  # def_cfa_sf
        (b"\x0e\x80\x01", (14, 128)),  # def_cfa_offset
        (b"\x13\x7c", (14, 16)),  # def_cfa_offset_sf
        (b"\x02\x01\x0e\x08", (14, 0)),  # advance_loc1
        (b"\x03\x01\x00\x0e\x08", (14, 0)),  # advance_loc2
        (b"\x04\x01\x00\x00\x00\x0e\x08", (14, 0)),  # advance_loc4
        (b"\x01" + struct.pack("<I", START + 2) + b"\x0e\x08", (14, 0)),  # set_loc
        (b"\x02\x00\x0e\x08", (14, 8)),
    ],
)
def test_every_rule_for_the_frame(text: bytes, expected: tuple[int, int]) -> None:
    assert (frame(text) or ())[:2] == expected


def test_registers_are_restored_to_what_all_functions_share() -> None:
    shared = COMMON_INSTRUCTIONS + saved(4, 8)
    assert register_rules(saved(4, 16) + b"\xc4", instructions=shared) == {4: RegisterRule(SAVED, -8)}


@pytest.mark.parametrize("version", [1, 3, 4])
def test_all_versions_are_read(version: int) -> None:
    assert frame(offset(8), version=version) == (14, 8, {})


@pytest.mark.parametrize(
    "options",
    [
        {"version": 2},
        {"augmentation": b"zR\0"},
        {"instructions": b"\x0f\x02\x70\x00"},  # the frame is found by an expression
        {"instructions": b""},
        {"instructions": b"\x0d\x20"},  # by a register that is not a general one
    ],
)
def test_what_is_not_understood_gives_no_rules(options: dict[str, Any]) -> None:
    assert frame(b"", **options) is None


@pytest.mark.parametrize(
    "text",
    [
        b"\x3f",  # no instruction
        b"\x0b",  # restores what was never remembered
        b"\x0e" + b"\x80" * 20,  # a number without end
        b"\x0a" * 8000,  # remembers without end
        b"\0" * 20_000,
    ],
)
def test_senseless_instructions_give_no_rules(text: bytes) -> None:
    assert frame(text) is None


def test_functions_that_the_linker_has_dropped_are_none() -> None:
    frames = CallFrames(elf_with(common() + function(0, 0x100, b"") + function(START, SIZE, b"")))
    assert frames.at(0x10) is None
    assert frames.at(START) is not None


def test_a_compressed_section_is_unpacked() -> None:
    section = common() + function(START, SIZE, offset(8))
    packed = struct.pack("<3I", 1, len(section), 4) + zlib.compress(section)
    rules = CallFrames(elf_with(packed, flags=0x800)).at(START)
    assert rules is not None
    assert rules.offset == 8


def test_without_debug_information_there_are_no_rules() -> None:
    assert CallFrames().at(START) is None
    assert CallFrames(small_program()).at(START) is None
    assert CallFrames(PROGRAMS[0].read_bytes()[:100]).at(START) is None


def test_loading_a_program_does_not_read_its_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    def looked_at(_: bytes) -> bytes:
        raise AssertionError("nobody has asked")

    monkeypatch.setattr("emu.loader.call_frames._section", looked_at)
    assert parse_elf(PROGRAMS[0].read_bytes(), Origin("ota_ops.elf")).call_frames is not None


def test_damaged_rules_cost_no_more_than_themselves() -> None:
    whole = PROGRAMS[0].read_bytes()
    section = ELFFile(io.BytesIO(whole)).get_section_by_name(".debug_frame")
    addresses = [first for first, _, _ in rows(whole)]
    dice = random.Random(1)
    found = 0
    for _ in range(40):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 40)):
            data[section["sh_offset"] + dice.randrange(section["sh_size"])] = dice.randrange(256)
        frames = CallFrames(bytes(data))
        found += sum(frames.at(address) is not None for address in dice.sample(addresses, 40))
    assert 0 < found < 40 * 40
