from __future__ import annotations

import pytest

from emu.isa.assembler import AssemblerError, assemble


def test_the_shortest_form_that_fits_is_taken() -> None:
    assert assemble("addu", rz=1, rx=2) == bytes.fromhex("4860")
    assert assemble("addi", rz=1, rx=2, oimm=8).hex() == "3e5a"
    assert len(assemble("addi", rz=1, rx=2, oimm=9)) == 4
    assert len(assemble("addu", rz=16, rx=2, ry=3)) == 4


def test_a_declaration_can_be_asked_for_by_name() -> None:
    assert assemble("ld_w32", rz=6, rx=3, offset=0).hex() == "c3d80020"


def test_an_alias_means_the_same_instruction() -> None:
    assert assemble("ldw", rz=6, rx=3, offset=4) == assemble("ld.w", rz=6, rx=3, offset=4)


def test_a_32_bit_form_lies_in_memory_high_halfword_first() -> None:
    assert assemble("bsr", offset=0x2A) == bytes.fromhex("00e01500")


def test_branch_offsets_are_signed_bytes() -> None:
    assert assemble("br", offset=-4) == bytes.fromhex("fe07")


@pytest.mark.parametrize(
    ("name", "operands", "message"),
    [
        ("frobnicate", {}, "no instruction is called 'frobnicate'"),
        ("mov16", {"rz": 1}, "mov16: takes the operands ['rx', 'rz']"),
        ("mov16", {"rz": 1, "rx": 16}, "mov16: rx: 16 does not fit"),
        ("ld_w16", {"rz": 1, "rx": 2, "offset": 2}, "ld_w16: offset: 2 does not fit"),
        ("br16", {"offset": 0x400}, "br16: offset: 1024 does not fit"),
        ("jmp16", {"rx": 15}, "jmp16: these operands encode rts16"),
        ("ins32", {"rz": 1, "rx": 2, "field": 3 << 5 | 4}, "ins32: field: there are no bits 3..4"),
        ("ldr_w32", {"rz": 1, "rx": 2, "ry": 3, "shift": 4}, "ldr_w32: shift: 4 does not fit"),
    ],
)
def test_operands_that_do_not_fit_are_refused(name: str, operands: dict[str, int], message: str) -> None:
    with pytest.raises(AssemblerError) as error:
        assemble(name, **operands)
    assert str(error.value) == message
