from __future__ import annotations

import pytest

from emu.isa.decode import size_bytes
from emu.isa.disasm import disassemble
from roms.mask_rom import COMMAND_MODE, START_IMAGE, contents

ROM = contents(0x1_4000)


def listing(address: int, count: int) -> list[str]:
    lines = []
    for _ in range(count):
        first, second = (int.from_bytes(ROM[at : at + 2], "little") for at in (address, address + 2))
        lines.append(disassemble(first, second, address))
        address += size_bytes(first)
    return lines


def test_an_image_is_started_at_the_first_word_of_its_vector_table() -> None:
    assert listing(START_IMAGE, 4) == [
        "ld.w r1, (r0, 0x8)",
        "mtcr r1, cr<1, 0>",
        "ld.w r1, (r1, 0x0)",
        "jmp r1",
    ]


def test_command_mode_sends_its_letter_and_stays() -> None:
    assert listing(COMMAND_MODE, 7) == [
        "movih r2, 16385",
        "ori r2, r2, 1536",
        "ld.w r3, (r2, 0x1c)",
        "andi r3, r3, 63",
        "bnez r3, 0x1040",
        "st.w r0, (r2, 0x20)",
        "br 0x104c",
    ]


def test_the_vectors_at_0_point_into_the_rom() -> None:
    vectors = [int.from_bytes(ROM[at : at + 4], "little") for at in range(0, 0x100, 4)]
    assert all(0 < vector < len(ROM) for vector in vectors)


@pytest.mark.parametrize("bit", [0, 1])
def test_the_word_at_the_value_of_a_bit_is_not_zero(bit: int) -> None:
    assert any(ROM[bit : bit + 4])


@pytest.mark.parametrize("address", [0, 0x100, 0x1_0000])
def test_everything_else_and_a_call_of_a_null_pointer_is_a_breakpoint(address: int) -> None:
    assert listing(address, 1) == ["bkpt"]
    assert len(ROM) == 0x1_4000
