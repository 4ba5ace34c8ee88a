from __future__ import annotations

import pytest

from emu.isa.disasm import disassemble


@pytest.mark.parametrize(
    ("halfwords", "text"),
    [
        ((0x93C0, 0), "ld.w r6, (r3, 0x0)"),
        ((0x783C, 0), "rts"),
        ((0xE000, 0x0015), "bsr 0x801002a"),
        ((0xE9C3, 0xEFF3), "bloop r3, 0x800ffe6, 0x800fffc"),
        ((0x10BB, 0), "lrw r5, 0x801006c"),
        ((0xC023, 0x642E), "mtcr r3, cr<14, 1>"),
        ((0xC1E0, 0x7020), "psrclr ee, ie, fe, af"),
        ((0xEBC0, 0x0153), "pop r4-r6, r15, r16-r17, r28"),
        ((0xC4E3, 0x5E4C), "ins r7, r3, 30, 12"),
        ((0xC000, 0x0420), "sync"),
        ((0x1440, 0), ".short 0x1440"),
        ((0xFFFF, 0xFFFF), ".long 0xffffffff"),
    ],
)
def test_text_is_that_of_objdump(halfwords: tuple[int, int], text: str) -> None:
    assert disassemble(*halfwords, 0x0801_0000) == text


def test_a_branch_target_with_a_name_is_named() -> None:
    names = {0x0801_002A: "main"}
    assert disassemble(0xE000, 0x0015, 0x0801_0000, symbol=names.get) == "bsr 0x801002a // main"
    assert disassemble(0xE000, 0x0015, 0x0801_0002, symbol=names.get) == "bsr 0x801002c"


def test_a_literal_shows_its_value_and_the_name_of_it() -> None:
    text = disassemble(
        0x10BB, 0, 0x0801_0000, literal={0x0801_006C: 0x2000_0100}.get, symbol={0x2000_0100: "heap"}.get
    )
    assert text == "lrw r5, 0x20000100 // heap"


def test_a_literal_that_cannot_be_read_shows_its_address() -> None:
    assert disassemble(0x10BB, 0, 0x0801_0000, literal=lambda _: None) == "lrw r5, 0x801006c"
