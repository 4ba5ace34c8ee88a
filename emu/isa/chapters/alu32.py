"""Arithmetic, logic and moves in 32-bit forms."""

from emu.isa.insn import insn
from emu.isa.operands import Imm, OImm, Reg
from emu.isa.ops import Ops

GLOBAL_BASE = 28


@insn("addu", "{rz}, {rx}, {ry}", "110001 ry:5 rx:5 000000 00001 rz:5", aliases=("add",))
def addu32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX + RY"""
    t[rz] = t[rx] + t[ry]


@insn("addi", "{rz}, {rx}, {oimm}", "111001 rz:5 rx:5 0000 oimm:12")
def addi32(t: Ops, rz: Reg, rx: Reg, oimm: OImm) -> None:
    """RZ ← RX + OIMM"""
    t[rz] = t[rx] + oimm


@insn("addi", "{rz}, r28, {oimm}", "110011 rz:5 111 oimm:18")
def addi32_r28(t: Ops, rz: Reg, oimm: OImm) -> None:
    """RZ ← R28 + OIMM"""
    t[rz] = t[GLOBAL_BASE] + oimm


@insn("addc", "{rz}, {rx}, {ry}", "110001 ry:5 rx:5 000000 00010 rz:5")
def addc32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX + RY + C; C ← carry"""
    total = t[rx].zero_extend_64() + t[ry].zero_extend_64() + t.c.zero_extend_64()
    t[rz] = total.low()
    t.c = total.high()


@insn("subu", "{rz}, {rx}, {ry}", "110001 ry:5 rx:5 000000 00100 rz:5", aliases=("sub",))
def subu32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX - RY"""
    t[rz] = t[rx] - t[ry]


@insn("subi", "{rz}, {rx}, {oimm}", "111001 rz:5 rx:5 0001 oimm:12")
def subi32(t: Ops, rz: Reg, rx: Reg, oimm: OImm) -> None:
    """RZ ← RX - OIMM"""
    t[rz] = t[rx] - oimm


@insn("subc", "{rz}, {rx}, {ry}", "110001 ry:5 rx:5 000000 01000 rz:5")
def subc32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX - RY - !C; C ← no borrow"""
    total = t[rx].zero_extend_64() + (~t[ry]).zero_extend_64() + t.c.zero_extend_64()
    t[rz] = total.low()
    t.c = total.high()


@insn("abs", "{rz}, {rx}", "110001 00000 rx:5 000000 10000 rz:5")
def abs32(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← |RX|; the most negative number stays"""
    t[rz] = t.select(t[rx].slt(0), t.constant(0) - t[rx], t[rx])


@insn("ixh", "{rz}, {rx}, {ry}", "110001 ry:5 rx:5 000010 00001 rz:5")
def ixh32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX + (RY << 1)"""
    t[rz] = t[rx] + t[ry].shl(1)


@insn("ixw", "{rz}, {rx}, {ry}", "110001 ry:5 rx:5 000010 00010 rz:5")
def ixw32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX + (RY << 2)"""
    t[rz] = t[rx] + t[ry].shl(2)


@insn("ixd", "{rz}, {rx}, {ry}", "110001 ry:5 rx:5 000010 00100 rz:5")
def ixd32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX + (RY << 3)"""
    t[rz] = t[rx] + t[ry].shl(3)


@insn("and", "{rz}, {rx}, {ry}", "110001 ry:5 rx:5 001000 00001 rz:5")
def and32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX & RY"""
    t[rz] = t[rx] & t[ry]


@insn("andi", "{rz}, {rx}, {imm}", "111001 rz:5 rx:5 0010 imm:12")
def andi32(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """RZ ← RX & IMM"""
    t[rz] = t[rx] & imm


@insn("andn", "{rz}, {rx}, {ry}", "110001 ry:5 rx:5 001000 00010 rz:5")
def andn32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX & ~RY"""
    t[rz] = t[rx] & ~t[ry]


@insn("andni", "{rz}, {rx}, {imm}", "111001 rz:5 rx:5 0011 imm:12")
def andni32(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """RZ ← RX & ~IMM"""
    t[rz] = t[rx] & ~imm


@insn("or", "{rz}, {rx}, {ry}", "110001 ry:5 rx:5 001001 00001 rz:5")
def or32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX | RY"""
    t[rz] = t[rx] | t[ry]


@insn("ori", "{rz}, {rx}, {imm}", "111011 rz:5 rx:5 imm:16")
def ori32(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """RZ ← RX | IMM"""
    t[rz] = t[rx] | imm


@insn("xor", "{rz}, {rx}, {ry}", "110001 ry:5 rx:5 001001 00010 rz:5")
def xor32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX ^ RY"""
    t[rz] = t[rx] ^ t[ry]


@insn("xori", "{rz}, {rx}, {imm}", "111001 rz:5 rx:5 0100 imm:12")
def xori32(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """RZ ← RX ^ IMM"""
    t[rz] = t[rx] ^ imm


@insn("nor", "{rz}, {rx}, {ry}", "110001 ry:5 rx:5 001001 00100 rz:5")
def nor32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← ~(RX | RY)"""
    t[rz] = ~(t[rx] | t[ry])


@insn("movi", "{rz}, {imm}", "111010 10000 rz:5 imm:16")
def movi32(t: Ops, rz: Reg, imm: Imm) -> None:
    """RZ ← IMM"""
    t[rz] = imm


@insn("movih", "{rz}, {imm}", "111010 10001 rz:5 imm:16")
def movih32(t: Ops, rz: Reg, imm: Imm) -> None:
    """RZ ← IMM << 16"""
    t[rz] = imm << 16


@insn("mvc", "{rz}", "110001 00000 00000 000001 01000 rz:5")
def mvc32(t: Ops, rz: Reg) -> None:
    """RZ ← C"""
    t[rz] = t.c


@insn("mvcv", "{rz}", "110001 00000 00000 000001 10000 rz:5")
def mvcv32(t: Ops, rz: Reg) -> None:
    """RZ ← !C"""
    t[rz] = t.c ^ 1


# From the DSP extension; the vendor's compiler uses them in ordinary code.


@insn("min.u32", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110011 01001 rz:5")
def min_u32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← the smaller of RX and RY (unsigned)"""
    t[rz] = t.select(t[rx].ult(t[ry]), t[rx], t[ry])


@insn("min.s32", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110011 01101 rz:5")
def min_s32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← the smaller of RX and RY (signed)"""
    t[rz] = t.select(t[rx].slt(t[ry]), t[rx], t[ry])


@insn("max.u32", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110011 00001 rz:5")
def max_u32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← the larger of RX and RY (unsigned)"""
    t[rz] = t.select(t[rx].ult(t[ry]), t[ry], t[rx])


@insn("max.s32", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110011 00101 rz:5")
def max_s32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← the larger of RX and RY (signed)"""
    t[rz] = t.select(t[rx].slt(t[ry]), t[ry], t[rx])
