"""Loads and stores of one register: base and offset, base and index, literals, r28-relative data."""

from emu.isa.insn import insn
from emu.isa.operands import (
    Branch,
    FarLiteral,
    Halves,
    Imm,
    Literal,
    Reg,
    Shift,
    Words,
    literal_address,
)
from emu.isa.ops import Ops
from emu.isa.state import SP

GLOBAL_BASE = 28

# Base and offset, 16-bit forms.


@insn("ld.b", "{rz}, ({rx}, {offset:#x})", "10000 rx:3 rz:3 offset:5", aliases=("ldb",))
def ld_b16(t: Ops, rz: Reg, rx: Reg, offset: Imm) -> None:
    """RZ ← MEM8[RX + OFFSET]"""
    t[rz] = t.load(t[rx] + offset, 1)


@insn("ld.h", "{rz}, ({rx}, {offset:#x})", "10001 rx:3 rz:3 offset:5", aliases=("ldh",))
def ld_h16(t: Ops, rz: Reg, rx: Reg, offset: Halves) -> None:
    """RZ ← MEM16[RX + OFFSET]"""
    t[rz] = t.load(t[rx] + offset, 2)


@insn("ld.w", "{rz}, ({rx}, {offset:#x})", "10010 rx:3 rz:3 offset:5", aliases=("ldw", "ld"))
def ld_w16(t: Ops, rz: Reg, rx: Reg, offset: Words) -> None:
    """RZ ← MEM32[RX + OFFSET]"""
    t[rz] = t.load(t[rx] + offset, 4)


@insn("ld.w", "{rz}, (r14, {offset:#x})", "10011 offset:3 rz:3 offset:5", aliases=("ldw", "ld"))
def ld_w16_sp(t: Ops, rz: Reg, offset: Words) -> None:
    """RZ ← MEM32[SP + OFFSET]"""
    t[rz] = t.load(t[SP] + offset, 4)


@insn("st.b", "{rz}, ({rx}, {offset:#x})", "10100 rx:3 rz:3 offset:5", aliases=("stb",))
def st_b16(t: Ops, rz: Reg, rx: Reg, offset: Imm) -> None:
    """MEM8[RX + OFFSET] ← RZ"""
    t.store(t[rx] + offset, 1, t[rz])


@insn("st.h", "{rz}, ({rx}, {offset:#x})", "10101 rx:3 rz:3 offset:5", aliases=("sth",))
def st_h16(t: Ops, rz: Reg, rx: Reg, offset: Halves) -> None:
    """MEM16[RX + OFFSET] ← RZ"""
    t.store(t[rx] + offset, 2, t[rz])


@insn("st.w", "{rz}, ({rx}, {offset:#x})", "10110 rx:3 rz:3 offset:5", aliases=("stw", "st"))
def st_w16(t: Ops, rz: Reg, rx: Reg, offset: Words) -> None:
    """MEM32[RX + OFFSET] ← RZ"""
    t.store(t[rx] + offset, 4, t[rz])


@insn("st.w", "{rz}, (r14, {offset:#x})", "10111 offset:3 rz:3 offset:5", aliases=("stw", "st"))
def st_w16_sp(t: Ops, rz: Reg, offset: Words) -> None:
    """MEM32[SP + OFFSET] ← RZ"""
    t.store(t[SP] + offset, 4, t[rz])


# Base and offset, 32-bit forms.


@insn("ld.b", "{rz}, ({rx}, {offset:#x})", "110110 rz:5 rx:5 0000 offset:12", aliases=("ldb",))
def ld_b32(t: Ops, rz: Reg, rx: Reg, offset: Imm) -> None:
    """RZ ← MEM8[RX + OFFSET]"""
    t[rz] = t.load(t[rx] + offset, 1)


@insn("ld.h", "{rz}, ({rx}, {offset:#x})", "110110 rz:5 rx:5 0001 offset:12", aliases=("ldh",))
def ld_h32(t: Ops, rz: Reg, rx: Reg, offset: Halves) -> None:
    """RZ ← MEM16[RX + OFFSET]"""
    t[rz] = t.load(t[rx] + offset, 2)


@insn("ld.w", "{rz}, ({rx}, {offset:#x})", "110110 rz:5 rx:5 0010 offset:12", aliases=("ldw", "ld"))
def ld_w32(t: Ops, rz: Reg, rx: Reg, offset: Words) -> None:
    """RZ ← MEM32[RX + OFFSET]"""
    t[rz] = t.load(t[rx] + offset, 4)


@insn("ld.bs", "{rz}, ({rx}, {offset:#x})", "110110 rz:5 rx:5 0100 offset:12", aliases=("ldbs",))
def ld_bs32(t: Ops, rz: Reg, rx: Reg, offset: Imm) -> None:
    """RZ ← MEM8[RX + OFFSET], sign-extended"""
    t[rz] = t.load(t[rx] + offset, 1, signed=True)


@insn("ld.hs", "{rz}, ({rx}, {offset:#x})", "110110 rz:5 rx:5 0101 offset:12", aliases=("ldhs",))
def ld_hs32(t: Ops, rz: Reg, rx: Reg, offset: Halves) -> None:
    """RZ ← MEM16[RX + OFFSET], sign-extended"""
    t[rz] = t.load(t[rx] + offset, 2, signed=True)


@insn("st.b", "{rz}, ({rx}, {offset:#x})", "110111 rz:5 rx:5 0000 offset:12", aliases=("stb",))
def st_b32(t: Ops, rz: Reg, rx: Reg, offset: Imm) -> None:
    """MEM8[RX + OFFSET] ← RZ"""
    t.store(t[rx] + offset, 1, t[rz])


@insn("st.h", "{rz}, ({rx}, {offset:#x})", "110111 rz:5 rx:5 0001 offset:12", aliases=("sth",))
def st_h32(t: Ops, rz: Reg, rx: Reg, offset: Halves) -> None:
    """MEM16[RX + OFFSET] ← RZ"""
    t.store(t[rx] + offset, 2, t[rz])


@insn("st.w", "{rz}, ({rx}, {offset:#x})", "110111 rz:5 rx:5 0010 offset:12", aliases=("stw", "st"))
def st_w32(t: Ops, rz: Reg, rx: Reg, offset: Words) -> None:
    """MEM32[RX + OFFSET] ← RZ"""
    t.store(t[rx] + offset, 4, t[rz])


# Base and index.


@insn("ldr.b", "{rz}, ({rx}, {ry} << {shift})", "110100 ry:5 rx:5 000000 shift:5 rz:5")
def ldr_b32(t: Ops, rz: Reg, rx: Reg, ry: Reg, shift: Shift) -> None:
    """RZ ← MEM8[RX + (RY << SHIFT)]"""
    t[rz] = t.load(t[rx] + t[ry].shl(shift), 1)


@insn("ldr.h", "{rz}, ({rx}, {ry} << {shift})", "110100 ry:5 rx:5 000001 shift:5 rz:5")
def ldr_h32(t: Ops, rz: Reg, rx: Reg, ry: Reg, shift: Shift) -> None:
    """RZ ← MEM16[RX + (RY << SHIFT)]"""
    t[rz] = t.load(t[rx] + t[ry].shl(shift), 2)


@insn("ldr.w", "{rz}, ({rx}, {ry} << {shift})", "110100 ry:5 rx:5 000010 shift:5 rz:5")
def ldr_w32(t: Ops, rz: Reg, rx: Reg, ry: Reg, shift: Shift) -> None:
    """RZ ← MEM32[RX + (RY << SHIFT)]"""
    t[rz] = t.load(t[rx] + t[ry].shl(shift), 4)


@insn("ldr.bs", "{rz}, ({rx}, {ry} << {shift})", "110100 ry:5 rx:5 000100 shift:5 rz:5")
def ldr_bs32(t: Ops, rz: Reg, rx: Reg, ry: Reg, shift: Shift) -> None:
    """RZ ← MEM8[RX + (RY << SHIFT)], sign-extended"""
    t[rz] = t.load(t[rx] + t[ry].shl(shift), 1, signed=True)


@insn("ldr.hs", "{rz}, ({rx}, {ry} << {shift})", "110100 ry:5 rx:5 000101 shift:5 rz:5")
def ldr_hs32(t: Ops, rz: Reg, rx: Reg, ry: Reg, shift: Shift) -> None:
    """RZ ← MEM16[RX + (RY << SHIFT)], sign-extended"""
    t[rz] = t.load(t[rx] + t[ry].shl(shift), 2, signed=True)


@insn("str.b", "{rz}, ({rx}, {ry} << {shift})", "110101 ry:5 rx:5 000000 shift:5 rz:5")
def str_b32(t: Ops, rz: Reg, rx: Reg, ry: Reg, shift: Shift) -> None:
    """MEM8[RX + (RY << SHIFT)] ← RZ"""
    t.store(t[rx] + t[ry].shl(shift), 1, t[rz])


@insn("str.h", "{rz}, ({rx}, {ry} << {shift})", "110101 ry:5 rx:5 000001 shift:5 rz:5")
def str_h32(t: Ops, rz: Reg, rx: Reg, ry: Reg, shift: Shift) -> None:
    """MEM16[RX + (RY << SHIFT)] ← RZ"""
    t.store(t[rx] + t[ry].shl(shift), 2, t[rz])


@insn("str.w", "{rz}, ({rx}, {ry} << {shift})", "110101 ry:5 rx:5 000010 shift:5 rz:5")
def str_w32(t: Ops, rz: Reg, rx: Reg, ry: Reg, shift: Shift) -> None:
    """MEM32[RX + (RY << SHIFT)] ← RZ"""
    t.store(t[rx] + t[ry].shl(shift), 4, t[rz])


# Literals: words in the code, and addresses near it.


@insn("lrw", "{rz}, {offset:#x}", "000100 offset:2 rz:3 offset:5")
def lrw16(t: Ops, rz: Reg, offset: Literal) -> None:
    """RZ ← MEM32[(PC + OFFSET) & ~3]"""
    t[rz] = t.load_literal(literal_address(t.pc, offset))


@insn("lrw", "{rz}, {offset:#x}", "000000 offset:2 rz:3 offset:5")
def lrw16_far(t: Ops, rz: Reg, offset: FarLiteral) -> None:
    """RZ ← MEM32[(PC + OFFSET) & ~3]"""
    t[rz] = t.load_literal(literal_address(t.pc, offset))


@insn("lrw", "{rz}, {offset:#x}", "111010 10100 rz:5 offset:16")
def lrw32(t: Ops, rz: Reg, offset: Literal) -> None:
    """RZ ← MEM32[(PC + OFFSET) & ~3]"""
    t[rz] = t.load_literal(literal_address(t.pc, offset))


@insn("grs", "{rz}, {offset:#x}", "110011 rz:5 011 offset:18")
def grs32(t: Ops, rz: Reg, offset: Branch) -> None:
    """RZ ← PC + OFFSET"""
    t[rz] = t.pc + offset


# Data relative to r28. The syntax shows the encoded number, not the offset in bytes.


@insn("lrs.b", "{rz}, [{imm:#x}]", "110011 rz:5 000 imm:18")
def lrs_b32(t: Ops, rz: Reg, imm: Imm) -> None:
    """RZ ← MEM8[R28 + IMM]"""
    t[rz] = t.load(t[GLOBAL_BASE] + imm, 1)


@insn("lrs.h", "{rz}, [{imm:#x}]", "110011 rz:5 001 imm:18")
def lrs_h32(t: Ops, rz: Reg, imm: Imm) -> None:
    """RZ ← MEM16[R28 + IMM * 2]"""
    t[rz] = t.load(t[GLOBAL_BASE] + imm * 2, 2)


@insn("lrs.w", "{rz}, [{imm:#x}]", "110011 rz:5 010 imm:18")
def lrs_w32(t: Ops, rz: Reg, imm: Imm) -> None:
    """RZ ← MEM32[R28 + IMM * 4]"""
    t[rz] = t.load(t[GLOBAL_BASE] + imm * 4, 4)


@insn("srs.b", "{rz}, [{imm:#x}]", "110011 rz:5 100 imm:18")
def srs_b32(t: Ops, rz: Reg, imm: Imm) -> None:
    """MEM8[R28 + IMM] ← RZ"""
    t.store(t[GLOBAL_BASE] + imm, 1, t[rz])


@insn("srs.h", "{rz}, [{imm:#x}]", "110011 rz:5 101 imm:18")
def srs_h32(t: Ops, rz: Reg, imm: Imm) -> None:
    """MEM16[R28 + IMM * 2] ← RZ"""
    t.store(t[GLOBAL_BASE] + imm * 2, 2, t[rz])


@insn("srs.w", "{rz}, [{imm:#x}]", "110011 rz:5 110 imm:18")
def srs_w32(t: Ops, rz: Reg, imm: Imm) -> None:
    """MEM32[R28 + IMM * 4] ← RZ"""
    t.store(t[GLOBAL_BASE] + imm * 4, 4, t[rz])
