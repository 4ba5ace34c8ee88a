"""Comparisons and tests: they set the condition bit."""

from emu.isa.insn import insn
from emu.isa.operands import Imm, OImm, Reg
from emu.isa.ops import Ops, Value


@insn("cmphs", "{rx}, {ry}", "011001 ry:4 rx:4 00")
def cmphs16(t: Ops, rx: Reg, ry: Reg) -> None:
    """C ← RX ≥ RY (unsigned)"""
    t.c = t[rx].uge(t[ry])


@insn("cmphs", "{rx}, {ry}", "110001 ry:5 rx:5 000001 00001 00000")
def cmphs32(t: Ops, rx: Reg, ry: Reg) -> None:
    """C ← RX ≥ RY (unsigned)"""
    t.c = t[rx].uge(t[ry])


@insn("cmphsi", "{rx}, {oimm}", "00111 rx:3 000 oimm:5")
def cmphsi16(t: Ops, rx: Reg, oimm: OImm) -> None:
    """C ← RX ≥ OIMM (unsigned)"""
    t.c = t[rx].uge(oimm)


@insn("cmphsi", "{rx}, {oimm}", "111010 11000 rx:5 oimm:16")
def cmphsi32(t: Ops, rx: Reg, oimm: OImm) -> None:
    """C ← RX ≥ OIMM (unsigned)"""
    t.c = t[rx].uge(oimm)


@insn("cmplt", "{rx}, {ry}", "011001 ry:4 rx:4 01")
def cmplt16(t: Ops, rx: Reg, ry: Reg) -> None:
    """C ← RX < RY (signed)"""
    t.c = t[rx].slt(t[ry])


@insn("cmplt", "{rx}, {ry}", "110001 ry:5 rx:5 000001 00010 00000")
def cmplt32(t: Ops, rx: Reg, ry: Reg) -> None:
    """C ← RX < RY (signed)"""
    t.c = t[rx].slt(t[ry])


@insn("cmplti", "{rx}, {oimm}", "00111 rx:3 001 oimm:5")
def cmplti16(t: Ops, rx: Reg, oimm: OImm) -> None:
    """C ← RX < OIMM (signed)"""
    t.c = t[rx].slt(oimm)


@insn("cmplti", "{rx}, {oimm}", "111010 11001 rx:5 oimm:16")
def cmplti32(t: Ops, rx: Reg, oimm: OImm) -> None:
    """C ← RX < OIMM (signed)"""
    t.c = t[rx].slt(oimm)


@insn("cmpne", "{rx}, {ry}", "011001 ry:4 rx:4 10")
def cmpne16(t: Ops, rx: Reg, ry: Reg) -> None:
    """C ← RX ≠ RY"""
    t.c = t[rx].ne(t[ry])


@insn("cmpne", "{rx}, {ry}", "110001 ry:5 rx:5 000001 00100 00000")
def cmpne32(t: Ops, rx: Reg, ry: Reg) -> None:
    """C ← RX ≠ RY"""
    t.c = t[rx].ne(t[ry])


@insn("cmpnei", "{rx}, {imm}", "00111 rx:3 010 imm:5")
def cmpnei16(t: Ops, rx: Reg, imm: Imm) -> None:
    """C ← RX ≠ IMM"""
    t.c = t[rx].ne(imm)


@insn("cmpnei", "{rx}, {imm}", "111010 11010 rx:5 imm:16")
def cmpnei32(t: Ops, rx: Reg, imm: Imm) -> None:
    """C ← RX ≠ IMM"""
    t.c = t[rx].ne(imm)


@insn("tst", "{rx}, {ry}", "011010 ry:4 rx:4 10")
def tst16(t: Ops, rx: Reg, ry: Reg) -> None:
    """C ← (RX & RY) ≠ 0"""
    t.c = (t[rx] & t[ry]).ne(0)


@insn("tst", "{rx}, {ry}", "110001 ry:5 rx:5 001000 00100 00000")
def tst32(t: Ops, rx: Reg, ry: Reg) -> None:
    """C ← (RX & RY) ≠ 0"""
    t.c = (t[rx] & t[ry]).ne(0)


@insn("tstnbz", "{rx}", "011010 0000 rx:4 11")
def tstnbz16(t: Ops, rx: Reg) -> None:
    """C ← no byte of RX is 0"""
    t.c = _no_byte_zero(t[rx])


@insn("tstnbz", "{rx}", "110001 00000 rx:5 001000 01000 00000")
def tstnbz32(t: Ops, rx: Reg) -> None:
    """C ← no byte of RX is 0"""
    t.c = _no_byte_zero(t[rx])


@insn("btsti", "{rx}, {imm}", "00111 rx:3 110 imm:5")
def btsti16(t: Ops, rx: Reg, imm: Imm) -> None:
    """C ← RX[IMM]"""
    t.c = t[rx].bits(imm, imm)


@insn("btsti", "{rx}, {imm}", "110001 imm:5 rx:5 001010 00100 00000")
def btsti32(t: Ops, rx: Reg, imm: Imm) -> None:
    """C ← RX[IMM]"""
    t.c = t[rx].bits(imm, imm)


def _no_byte_zero(value: Value) -> Value:
    # The lowest zero byte, and none below it, keeps bit 7 of (byte - 1) & ~byte.
    return ((value - 0x0101_0101) & ~value & 0x8080_8080).eq(0)
