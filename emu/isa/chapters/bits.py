"""Bit, bit-field and byte operations."""

from emu.isa.insn import insn
from emu.isa.operands import Imm, MaskBits, Reg, SizedSpan, Span, span
from emu.isa.ops import Ops, Value


@insn("bclri", "{rz}, {imm}", "00111 rz:3 100 imm:5")
def bclri16(t: Ops, rz: Reg, imm: Imm) -> None:
    """RZ[IMM] ← 0"""
    t[rz] = t[rz] & ~(1 << imm)


@insn("bclri", "{rz}, {rx}, {imm}", "110001 imm:5 rx:5 001010 00001 rz:5")
def bclri32(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """RZ ← RX with bit IMM cleared"""
    t[rz] = t[rx] & ~(1 << imm)


@insn("bseti", "{rz}, {imm}", "00111 rz:3 101 imm:5")
def bseti16(t: Ops, rz: Reg, imm: Imm) -> None:
    """RZ[IMM] ← 1"""
    t[rz] = t[rz] | 1 << imm


@insn("bseti", "{rz}, {rx}, {imm}", "110001 imm:5 rx:5 001010 00010 rz:5")
def bseti32(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """RZ ← RX with bit IMM set"""
    t[rz] = t[rx] | 1 << imm


@insn("bmaski", "{rz}, {oimm}", "110001 oimm:5 00000 010100 00001 rz:5")
def bmaski32(t: Ops, rz: Reg, oimm: MaskBits) -> None:
    """RZ ← the low OIMM bits set"""
    t[rz] = (1 << oimm) - 1


@insn("bgenr", "{rz}, {rx}", "110001 00000 rx:5 010100 00010 rz:5")
def bgenr32(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← 1 << RX[5:0]"""
    t[rz] = t.constant(1).shl(t[rx])


@insn("zext", "{rz}, {rx}, {field}", "110001 field:5 rx:5 010101 field:5 rz:5")
def zext32(t: Ops, rz: Reg, rx: Reg, field: Span) -> None:
    """RZ ← RX[MSB:LSB], zero-extended"""
    t[rz] = t[rx].bits(*span(field))


@insn("zextb", "{rz}, {rx}", "110001 00000 rx:5 010101 00111 rz:5", refines=zext32)
def zextb32(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RX[7:0], zero-extended"""
    t[rz] = t[rx].bits(7, 0)


@insn("zexth", "{rz}, {rx}", "110001 00000 rx:5 010101 01111 rz:5", refines=zext32)
def zexth32(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RX[15:0], zero-extended"""
    t[rz] = t[rx].bits(15, 0)


@insn("zextb", "{rz}, {rx}", "011101 rz:4 rx:4 00")
def zextb16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RX[7:0], zero-extended"""
    t[rz] = t[rx].bits(7, 0)


@insn("zexth", "{rz}, {rx}", "011101 rz:4 rx:4 01")
def zexth16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RX[15:0], zero-extended"""
    t[rz] = t[rx].bits(15, 0)


@insn("sext", "{rz}, {rx}, {field}", "110001 field:5 rx:5 010110 field:5 rz:5")
def sext32(t: Ops, rz: Reg, rx: Reg, field: Span) -> None:
    """RZ ← RX[MSB:LSB], sign-extended"""
    t[rz] = t[rx].signed_bits(*span(field))


@insn("sextb", "{rz}, {rx}", "110001 00000 rx:5 010110 00111 rz:5", refines=sext32)
def sextb32(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RX[7:0], sign-extended"""
    t[rz] = t[rx].signed_bits(7, 0)


@insn("sexth", "{rz}, {rx}", "110001 00000 rx:5 010110 01111 rz:5", refines=sext32)
def sexth32(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RX[15:0], sign-extended"""
    t[rz] = t[rx].signed_bits(15, 0)


@insn("sextb", "{rz}, {rx}", "011101 rz:4 rx:4 10")
def sextb16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RX[7:0], sign-extended"""
    t[rz] = t[rx].signed_bits(7, 0)


@insn("sexth", "{rz}, {rx}", "011101 rz:4 rx:4 11")
def sexth16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RX[15:0], sign-extended"""
    t[rz] = t[rx].signed_bits(15, 0)


@insn("ins", "{rz}, {rx}, {field}", "110001 rz:5 rx:5 010111 field:5 field:5")
def ins32(t: Ops, rz: Reg, rx: Reg, field: SizedSpan) -> None:
    """RZ[MSB:LSB] ← RX[MSB-LSB:0]"""
    t[rz] = t[rz].insert(*span(field), t[rx])


@insn("xtrb0", "{rz}, {rx}", "110001 00000 rx:5 011100 00001 rz:5")
def xtrb0_32(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RX[31:24]; C ← RZ ≠ 0"""
    _extract_byte(t, rz, t[rx].bits(31, 24))


@insn("xtrb1", "{rz}, {rx}", "110001 00000 rx:5 011100 00010 rz:5")
def xtrb1_32(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RX[23:16]; C ← RZ ≠ 0"""
    _extract_byte(t, rz, t[rx].bits(23, 16))


@insn("xtrb2", "{rz}, {rx}", "110001 00000 rx:5 011100 00100 rz:5")
def xtrb2_32(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RX[15:8]; C ← RZ ≠ 0"""
    _extract_byte(t, rz, t[rx].bits(15, 8))


@insn("xtrb3", "{rz}, {rx}", "110001 00000 rx:5 011100 01000 rz:5")
def xtrb3_32(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RX[7:0]; C ← RZ ≠ 0"""
    _extract_byte(t, rz, t[rx].bits(7, 0))


@insn("ff0", "{rz}, {rx}", "110001 00000 rx:5 011111 00001 rz:5")
def ff0_32(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← the number of ones above the highest 0 of RX"""
    t[rz] = (~t[rx]).count_leading_zeros()


@insn("ff1", "{rz}, {rx}", "110001 00000 rx:5 011111 00010 rz:5")
def ff1_32(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← the number of zeros above the highest 1 of RX"""
    t[rz] = t[rx].count_leading_zeros()


@insn("brev", "{rz}, {rx}", "110001 00000 rx:5 011000 10000 rz:5")
def brev32(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RX with its bits in reverse order"""
    t[rz] = t[rx].reverse_bits()


@insn("revb", "{rz}, {rx}", "011110 rz:4 rx:4 10")
def revb16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RX with its bytes in reverse order"""
    t[rz] = t[rx].reverse_bytes()


@insn("revb", "{rz}, {rx}", "110001 00000 rx:5 011000 00100 rz:5")
def revb32(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RX with its bytes in reverse order"""
    t[rz] = t[rx].reverse_bytes()


@insn("revh", "{rz}, {rx}", "011110 rz:4 rx:4 11")
def revh16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RX with the two bytes of each half exchanged"""
    t[rz] = t[rx].reverse_bytes_in_halves()


@insn("revh", "{rz}, {rx}", "110001 00000 rx:5 011000 01000 rz:5")
def revh32(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RX with the two bytes of each half exchanged"""
    t[rz] = t[rx].reverse_bytes_in_halves()


def _extract_byte(t: Ops, rz: int, byte: Value) -> None:
    t[rz] = byte
    t.c = t[rz].ne(0)
