"""Instructions of several words, which translated code accesses by twos: at every border, as the interpreter does."""

from __future__ import annotations

import pytest
from support.guest import ANSWERING, DEVICE, FLASH, SRAM, SRAM_BYTES, Guest, Program

from emu.isa.state import SP

END = SRAM + SRAM_BYTES
CODE = END - 0x40
"""Code in the last page of RAM, so that stores there are told."""
BASES = (
    *(SRAM + offset for offset in (-4, 0x102, 0x3FFC)),
    *(END - left for left in (20, 16, 12, 8, 6, 4)),
    *(DEVICE + offset for offset in (0x10, ANSWERING - 8)),
    FLASH + 0x100,
    CODE - 8,
)
INSTRUCTIONS = {
    "stm32": {"rx": 1, "registers": 2 * 32 + 4},  # r2 to r6
    "ldm32": {"rx": 1, "registers": 2 * 32 + 4},
    "ldm32 over its base": {"rx": 3, "registers": 2 * 32 + 4},
    "push16": {"registers": 0x14},  # r4 to r7, r15
    "pop16": {"registers": 0x14},
}


def played(kind: str, name: str, base: int) -> tuple[object, ...]:
    guest = Guest(kind)
    accesses: list[tuple[int, ...]] = []

    def read(offset: int) -> int:
        accesses.append((offset,))
        return offset * 3

    guest.bus.on_read = read
    guest.bus.on_write = lambda offset, value: accesses.append((offset, value))
    in_ram = Program(guest, CODE)
    in_ram("movi16", rz=7, imm=1)
    in_ram("br16", offset=0)
    program = Program(guest)
    program(name.split()[0], **INSTRUCTIONS[name])
    program("br16", offset=0)
    if "pop" in name:
        base += 8  # not onto the code itself
    guest.state.r[:] = [FLASH + 0x1000 + 2 * number for number in range(32)]
    guest.state.pc = CODE
    guest.run(1)
    before = bytes(guest.bus.sram.buffer)
    guest.state.r[1] = guest.state.r[3] = guest.state.r[SP] = base & 0xFFFF_FFFF
    guest.state.pc = FLASH
    stop = guest.run(1)
    changed = {i: byte for i, byte in enumerate(guest.bus.sram.buffer) if byte != before[i]}
    return stop, guest.state, changed, accesses


@pytest.mark.parametrize("name", INSTRUCTIONS)
@pytest.mark.parametrize("base", BASES, ids=hex)
def test_it_is_as_if_word_by_word(name: str, base: int) -> None:
    assert played("translator", name, base) == played("interpreter", name, base)
