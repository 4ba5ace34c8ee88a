"""Arithmetic, logic and moves in 16-bit forms."""

from emu.isa.insn import insn
from emu.isa.operands import Imm, OImm, Reg, Words
from emu.isa.ops import Ops
from emu.isa.state import SP


@insn("addu", "{rz}, {rx}", "011000 rz:4 rx:4 00", aliases=("add",))
def addu16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RZ + RX"""
    t[rz] = t[rz] + t[rx]


@insn("addu", "{rz}, {rx}, {ry}", "01011 rx:3 rz:3 ry:3 00", aliases=("add",))
def addu16_three(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX + RY"""
    t[rz] = t[rx] + t[ry]


@insn("addi", "{rz}, {oimm}", "00100 rz:3 oimm:8")
def addi16(t: Ops, rz: Reg, oimm: OImm) -> None:
    """RZ ← RZ + OIMM"""
    t[rz] = t[rz] + oimm


@insn("addi", "{rz}, {rx}, {oimm}", "01011 rx:3 rz:3 oimm:3 10")
def addi16_three(t: Ops, rz: Reg, rx: Reg, oimm: OImm) -> None:
    """RZ ← RX + OIMM"""
    t[rz] = t[rx] + oimm


@insn("addi", "{rz}, r14, {imm}", "00011 rz:3 imm:8")
def addi16_from_sp(t: Ops, rz: Reg, imm: Words) -> None:
    """RZ ← SP + IMM"""
    t[rz] = t[SP] + imm


@insn("addi", "r14, r14, {imm}", "000101 imm:2 000 imm:5")
def addi16_sp(t: Ops, imm: Words) -> None:
    """SP ← SP + IMM"""
    t[SP] = t[SP] + imm


@insn("addc", "{rz}, {rx}", "011000 rz:4 rx:4 01")
def addc16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RZ + RX + C; C ← carry"""
    total = t[rz].zero_extend_64() + t[rx].zero_extend_64() + t.c.zero_extend_64()
    t[rz] = total.low()
    t.c = total.high()


@insn("subu", "{rz}, {rx}", "011000 rz:4 rx:4 10", aliases=("sub",))
def subu16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RZ - RX"""
    t[rz] = t[rz] - t[rx]


@insn("subu", "{rz}, {rx}, {ry}", "01011 rx:3 rz:3 ry:3 01", aliases=("sub",))
def subu16_three(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX - RY"""
    t[rz] = t[rx] - t[ry]


@insn("subi", "{rz}, {oimm}", "00101 rz:3 oimm:8")
def subi16(t: Ops, rz: Reg, oimm: OImm) -> None:
    """RZ ← RZ - OIMM"""
    t[rz] = t[rz] - oimm


@insn("subi", "{rz}, {rx}, {oimm}", "01011 rx:3 rz:3 oimm:3 11")
def subi16_three(t: Ops, rz: Reg, rx: Reg, oimm: OImm) -> None:
    """RZ ← RX - OIMM"""
    t[rz] = t[rx] - oimm


@insn("subi", "r14, r14, {imm}", "000101 imm:2 001 imm:5")
def subi16_sp(t: Ops, imm: Words) -> None:
    """SP ← SP - IMM"""
    t[SP] = t[SP] - imm


@insn("subc", "{rz}, {rx}", "011000 rz:4 rx:4 11")
def subc16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RZ - RX - !C; C ← no borrow"""
    total = t[rz].zero_extend_64() + (~t[rx]).zero_extend_64() + t.c.zero_extend_64()
    t[rz] = total.low()
    t.c = total.high()


@insn("and", "{rz}, {rx}", "011010 rz:4 rx:4 00")
def and16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RZ & RX"""
    t[rz] = t[rz] & t[rx]


@insn("andn", "{rz}, {rx}", "011010 rz:4 rx:4 01")
def andn16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RZ & ~RX"""
    t[rz] = t[rz] & ~t[rx]


@insn("or", "{rz}, {rx}", "011011 rz:4 rx:4 00")
def or16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RZ | RX"""
    t[rz] = t[rz] | t[rx]


@insn("xor", "{rz}, {rx}", "011011 rz:4 rx:4 01")
def xor16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RZ ^ RX"""
    t[rz] = t[rz] ^ t[rx]


@insn("nor", "{rz}, {rx}", "011011 rz:4 rx:4 10")
def nor16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← ~(RZ | RX)"""
    t[rz] = ~(t[rz] | t[rx])


@insn("mov", "{rz}, {rx}", "011011 rz:4 rx:4 11")
def mov16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RX"""
    t[rz] = t[rx]


@insn("movi", "{rz}, {imm}", "00110 rz:3 imm:8")
def movi16(t: Ops, rz: Reg, imm: Imm) -> None:
    """RZ ← IMM"""
    t[rz] = imm


@insn("mvcv", "{rz}", "011001 rz:4 0000 11")
def mvcv16(t: Ops, rz: Reg) -> None:
    """RZ ← !C"""
    t[rz] = t.c ^ 1
