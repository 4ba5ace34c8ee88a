"""Which words belong to which instruction."""

from __future__ import annotations

from pathlib import Path

import roms
from emu.dbt.mode import Mode
from emu.dbt.region import Region
from emu.dbt.region_parts import parts_of
from emu.dbt.translator import Translator
from emu.engine.contract import MemoryRegion
from emu.loader.elf import parse_elf
from emu.loader.errors import Origin

ATCMD = Path(roms.__file__).parent / "atcmd" / "atcmd.elf"


def regions(writable: bool) -> list[Region]:
    """The regions of all functions of a program."""
    program = parse_elf(ATCMD.read_bytes(), Origin("atcmd.elf"))
    memory = MemoryRegion("code", program.flash_address, bytearray(program.flash_contents), writable)
    translator = Translator((memory,))
    found = (
        translator.translate(symbol.address, Mode(True, False), frozenset())
        for symbol in program.symbols
        if memory.base <= symbol.address < memory.base + len(memory.buffer)
    )
    return [region for region in found if region is not None]


def test_every_word_belongs_to_one_part() -> None:
    for region in regions(writable=False) + regions(writable=True):
        parts = parts_of(region)
        places = [*parts.tail]
        for part in (*parts.heads.values(), *parts.instructions.values()):
            places += part
        assert sorted(places) == list(range(len(region.words)))


def test_blocks_begin_with_their_heads_and_ways_out_lie_behind_them() -> None:
    for region in regions(writable=False):
        parts = parts_of(region)
        assert set(parts.heads) == set(region.entries)
        assert all(place in parts.tail for place in region.exits)
        for pc, head in parts.heads.items():
            assert pc not in parts.instructions or head.stop == parts.instructions[pc].start
