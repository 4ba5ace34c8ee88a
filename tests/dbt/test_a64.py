"""The AArch64 encodings, read back by Capstone."""

from __future__ import annotations

import pytest
from capstone import CS_ARCH_ARM64, CS_MODE_ARM, Cs
from hypothesis import given
from hypothesis import strategies as st

from emu.dbt import a64

DISASSEMBLER = Cs(CS_ARCH_ARM64, CS_MODE_ARM)


def text(word: int) -> str:
    (insn,) = DISASSEMBLER.disasm(word.to_bytes(4, "little"), 0)
    return f"{insn.mnemonic} {insn.op_str}".rstrip()


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (a64.rrr(a64.ADD, 1, 2, 3), "add w1, w2, w3"),
        (a64.rrr(a64.BIC, 1, 2, 3, True, a64.shifted(a64.ASR, 63)), "bic x1, x2, x3, asr #63"),
        (a64.sub_sxtw(1, 2, 3), "sub x1, x2, w3, sxtw"),
        (a64.add_imm(1, 2, -5, True), "sub x1, x2, #5"),
        (a64.add_imm(1, 2, 0x5000), "add w1, w2, #5, lsl #12"),
        (a64.mvn(1, 2), "mvn w1, w2"),
        (a64.neg(1, 2, True), "neg x1, x2"),
        (a64.lsl_imm(1, 2, 5), "lsl w1, w2, #5"),
        (a64.lsr_imm(1, 2, 63, True), "lsr x1, x2, #0x3f"),
        (a64.asr_imm(1, 2, 31), "asr w1, w2, #0x1f"),
        (a64.sxtw(1, 2), "sxtw x1, w2"),
        (a64.bfi(1, 2, 4, 8), "bfi w1, w2, #4, #8"),
        (a64.ror_imm(1, 2, 7), "ror w1, w2, #7"),
        (a64.rrr(a64.RORV, 1, 2, 3), "ror w1, w2, w3"),
        (a64.mul(1, 2, 3, True), "mul x1, x2, x3"),
        (a64.rrr(a64.UDIV, 1, 2, 3), "udiv w1, w2, w3"),
        (a64.clz(1, 2), "clz w1, w2"),
        (a64.rbit(1, 2), "rbit w1, w2"),
        (a64.rev(1, 2), "rev w1, w2"),
        (a64.rev16(1, 2), "rev16 w1, w2"),
        (a64.fmov_to_general(1, 24), "fmov w1, s24"),
        (a64.fmov_from_general(24, 1), "fmov s24, w1"),
        (a64.from_lane(1, 24), "mov w1, v24.s[1]"),
        (a64.to_lane(24, 1), "mov v24.s[1], w1"),
        (a64.ldr(1, 2, 8, 4), "ldr w1, [x2, #8]"),
        (a64.ldr(1, 2, -4, 4), "ldur w1, [x2, #-4]"),
        (a64.ldr(1, 2, 3, 1), "ldrb w1, [x2, #3]"),
        (a64.ldr(1, 2, 6, 2), "ldrh w1, [x2, #6]"),
        (a64.str_(1, 2, 1, 4), "stur w1, [x2, #1]"),
        (a64.ldrsb(1, 2, 8), "ldrsb x1, [x2, #8]"),
        (a64.ldrsb(1, 2, -8), "ldursb x1, [x2, #-8]"),
        (a64.ldrsw(1, 2, 16), "ldrsw x1, [x2, #0x10]"),
        (a64.br(9), "br x9"),
        (a64.with_distance(a64.b(0), -2), "b #0xfffffffffffffff8"),
        (a64.with_distance(a64.cbnz(3, x=True), 2), "cbnz x3, #8"),
        (a64.with_distance(a64.tbz(30, 63), 1), "tbz x30, #0x3f, #4"),
    ],
)
def test_words_read_as_meant(word: int, expected: str) -> None:
    assert text(word) == expected


def test_unsigned_and_signed_compares_set_lower_and_less() -> None:
    assert [text(word) for word in a64.compare_set(1, 2, 3, signed=False)] == ["cmp x2, x3", "cset w1, lo"]
    assert [text(word) for word in a64.compare_set(1, 2, 3, signed=True)] == ["cmp x2, x3", "cset w1, lt"]


def test_a_branch_out_of_reach_is_refused() -> None:
    assert text(a64.with_distance(a64.tbz(1, 0), 0x1FFF)) == "tbz w1, #0, #0x7ffc"
    with pytest.raises(a64.EncodingError, match="out of reach"):
        a64.with_distance(a64.tbz(1, 0), 0x2000)


def rotated_runs() -> st.SearchStrategy[int]:
    """Numbers that often are bitmask immediates: a repeated, rotated run of ones."""

    def make(size: int, ones: int, rotation: int) -> int:
        element = (1 << ones % size) - 1
        element = (element >> rotation % size | element << (size - rotation % size)) & (1 << size) - 1
        return sum(element << position for position in range(0, 32, size))

    return st.builds(make, st.sampled_from([2, 4, 8, 16, 32]), st.integers(0, 31), st.integers(0, 31))


@given(rotated_runs() | st.integers(0, 0xFFFF_FFFF))
def test_logical_immediates_are_what_they_encode(value: int) -> None:
    word = a64.logic_imm(a64.AND_IMM, 1, 2, value)
    if word is not None:
        assert text(word) in (f"and w1, w2, #{value:#x}", f"and w1, w2, #{value}")


@given(rotated_runs())
def test_every_rotated_run_of_ones_is_a_logical_immediate(value: int) -> None:
    assert (a64.bitmask(value, False) is None) == (value in (0, 0xFFFF_FFFF))


@given(st.integers(0, 0xFFFF_FFFF) | rotated_runs())
def test_constants_take_at_most_two_words(value: int) -> None:
    words = a64.constant(1, value)
    result = 0
    for line in map(text, words):
        mnemonic, operands = line.split(" ", 1)
        number = int(operands.split("#")[1].split(",")[0], 0)
        shift = int(operands.split("lsl #")[1]) if "lsl" in operands else 0
        if mnemonic == "movk":
            result = result & ~(0xFFFF << shift) | number << shift
        else:
            result = number << shift & 0xFFFF_FFFF
    assert result == value
    assert len(words) <= 2


def test_a_branch_out_of_reach_keeps_its_target() -> None:
    near, far = 1 << 12, 1 << 13
    assert a64.retargeted(a64.b(5), far) == a64.b(far)
    assert a64.retargeted(a64.tbz(30, 63, 5), near) == a64.tbz(30, 63, near)
    assert a64.retargeted(a64.tbz(30, 63, 5), far) == a64.tbz(30, 63, 5)
    assert a64.retargeted(a64.tbz(30, 63, 5), -far - 1) == a64.tbz(30, 63, 5)
