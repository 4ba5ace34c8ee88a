"""Multiplication, division and the 64-bit arithmetic on register pairs {R(n+1), R(n)}."""

from emu.isa.chapters.pairs import read_pair, write_pair
from emu.isa.insn import insn
from emu.isa.operands import Reg
from emu.isa.ops import Ops


@insn("mult", "{rz}, {rx}", "011111 rz:4 rx:4 00", aliases=("mul",))
def mult16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RZ * RX"""
    t[rz] = t[rz] * t[rx]


@insn("mult", "{rz}, {rx}, {ry}", "110001 ry:5 rx:5 100001 00001 rz:5", aliases=("mul",))
def mult32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX * RY"""
    t[rz] = t[rx] * t[ry]


@insn("mulsh", "{rz}, {rx}", "011111 rz:4 rx:4 01", aliases=("muls.h",))
def mulsh16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RZ[15:0] * RX[15:0] (signed)"""
    t[rz] = t[rz].signed_bits(15, 0) * t[rx].signed_bits(15, 0)


@insn("mulsh", "{rz}, {rx}, {ry}", "110001 ry:5 rx:5 100100 00001 rz:5")
def mulsh32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX[15:0] * RY[15:0] (signed)"""
    t[rz] = t[rx].signed_bits(15, 0) * t[ry].signed_bits(15, 0)


@insn("divu", "{rz}, {rx}, {ry}", "110001 ry:5 rx:5 100000 00001 rz:5")
def divu32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX / RY (unsigned)"""
    t[rz] = t.divide_unsigned(t[rx], t[ry])


@insn("divs", "{rz}, {rx}, {ry}", "110001 ry:5 rx:5 100000 00010 rz:5")
def divs32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX / RY (signed)"""
    t[rz] = t.divide_signed(t[rx], t[ry])


@insn("mula.32.l", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 100001 00010 rz:5")
def mula_32_l(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RZ + RX * RY"""
    t[rz] = t[rz] + t[rx] * t[ry]


@insn("mul.u32", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 100000 00000 rz:5")
def mul_u32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """{RZ+1, RZ} ← RX * RY (unsigned)"""
    write_pair(t, rz, t[rx].zero_extend_64() * t[ry].zero_extend_64())


@insn("mul.s32", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 100000 10000 rz:5")
def mul_s32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """{RZ+1, RZ} ← RX * RY (signed)"""
    write_pair(t, rz, t[rx].sign_extend_64() * t[ry].sign_extend_64())


@insn("mula.u32", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 100000 00100 rz:5")
def mula_u32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """{RZ+1, RZ} ← {RZ+1, RZ} + RX * RY (unsigned)"""
    write_pair(t, rz, read_pair(t, rz) + t[rx].zero_extend_64() * t[ry].zero_extend_64())


@insn("mula.s32", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 100000 10100 rz:5")
def mula_s32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """{RZ+1, RZ} ← {RZ+1, RZ} + RX * RY (signed)"""
    write_pair(t, rz, read_pair(t, rz) + t[rx].sign_extend_64() * t[ry].sign_extend_64())


@insn("muls.u32", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 100000 00110 rz:5")
def muls_u32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """{RZ+1, RZ} ← {RZ+1, RZ} - RX * RY (unsigned)"""
    write_pair(t, rz, read_pair(t, rz) - t[rx].zero_extend_64() * t[ry].zero_extend_64())


@insn("muls.s32", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 100000 10110 rz:5")
def muls_s32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """{RZ+1, RZ} ← {RZ+1, RZ} - RX * RY (signed)"""
    write_pair(t, rz, read_pair(t, rz) - t[rx].sign_extend_64() * t[ry].sign_extend_64())


@insn("add.64", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110000 00011 rz:5")
def add_64(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """{RZ+1, RZ} ← {RX+1, RX} + {RY+1, RY}"""
    write_pair(t, rz, read_pair(t, rx) + read_pair(t, ry))


@insn("sub.64", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110001 00011 rz:5")
def sub_64(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """{RZ+1, RZ} ← {RX+1, RX} - {RY+1, RY}"""
    write_pair(t, rz, read_pair(t, rx) - read_pair(t, ry))
