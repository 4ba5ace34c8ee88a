from __future__ import annotations

import pytest
from isa.objdump import HALFWORDS, halfword_image, our_texts, read_sample, word_image

from emu.isa.decode import decode
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
        ((0xC000, 0), ".long 0xc0000000"),
        ((0xF50B, 0x1C00), "fmovis fr0, 1.5"),
        ((0xF4E1, 0x3002), "fldms fr2-fr9, (r1)"),
        ((0xD0AA, 0x8007), ".long 0xd0aa8007"),  # ldbi.b takes no index register
    ],
)
def test_text_is_that_of_objdump(halfwords: tuple[int, int], text: str) -> None:
    assert disassemble(*halfwords, 0x0801_0000) == text


def test_every_halfword_reads_as_in_objdump() -> None:
    """If not: python -m tests.isa.objdump says more."""
    theirs, _, _ = read_sample()
    assert our_texts(halfword_image(), 2, len(HALFWORDS)) == theirs


def test_words_read_as_in_objdump_or_are_no_instruction_for_both() -> None:
    _, words, theirs = read_sample()
    assert our_texts(word_image(words), 4, len(words)) == theirs
    assert theirs.count("") > 500


def test_what_objdump_prints_with_a_gap_is_no_instruction() -> None:
    """An index shifted by two amounts at once."""
    assert disassemble(0xD143, 0x1193) == "ldr.bs r19, (r3, r10 << )"
    assert decode(0xD143, 0x1193) is None


def test_a_short_mask_is_an_instruction_that_objdump_does_not_know() -> None:
    assert disassemble(0xC4C0, 0x5028) == ".long 0xc4c05028"
    assert decode(0xC4C0, 0x5028) is not None


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
