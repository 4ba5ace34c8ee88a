"""Moves, increments and decrements under the condition bit, or that set it."""

from emu.isa.insn import insn
from emu.isa.operands import Imm, Reg
from emu.isa.ops import Ops


@insn("incf", "{rz}, {rx}, {imm}", "110001 rz:5 rx:5 000011 00001 imm:5")
def incf32(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """if not C: RZ ← RX + IMM"""
    t[rz] = t.select(t.c, t[rz], t[rx] + imm)


@insn("inct", "{rz}, {rx}, {imm}", "110001 rz:5 rx:5 000011 00010 imm:5")
def inct32(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """if C: RZ ← RX + IMM"""
    t[rz] = t.select(t.c, t[rx] + imm, t[rz])


@insn("decf", "{rz}, {rx}, {imm}", "110001 rz:5 rx:5 000011 00100 imm:5")
def decf32(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """if not C: RZ ← RX - IMM"""
    t[rz] = t.select(t.c, t[rz], t[rx] - imm)


@insn("dect", "{rz}, {rx}, {imm}", "110001 rz:5 rx:5 000011 01000 imm:5")
def dect32(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """if C: RZ ← RX - IMM"""
    t[rz] = t.select(t.c, t[rx] - imm, t[rz])


@insn("clrf", "{rz}", "110001 rz:5 00000 001011 00001 00000")
def clrf32(t: Ops, rz: Reg) -> None:
    """if not C: RZ ← 0"""
    t[rz] = t.select(t.c, t[rz], 0)


@insn("clrt", "{rz}", "110001 rz:5 00000 001011 00010 00000")
def clrt32(t: Ops, rz: Reg) -> None:
    """if C: RZ ← 0"""
    t[rz] = t.select(t.c, 0, t[rz])


@insn("decgt", "{rz}, {rx}, {imm}", "110001 imm:5 rx:5 000100 00001 rz:5")
def decgt32(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """RZ ← RX - IMM; C ← RZ > 0 (signed)"""
    t[rz] = t[rx] - imm
    t.c = t.constant(0).slt(t[rz])


@insn("declt", "{rz}, {rx}, {imm}", "110001 imm:5 rx:5 000100 00010 rz:5")
def declt32(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """RZ ← RX - IMM; C ← RZ < 0 (signed)"""
    t[rz] = t[rx] - imm
    t.c = t[rz].slt(0)


@insn("decne", "{rz}, {rx}, {imm}", "110001 imm:5 rx:5 000100 00100 rz:5")
def decne32(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """RZ ← RX - IMM; C ← RZ ≠ 0"""
    t[rz] = t[rx] - imm
    t.c = t[rz].ne(0)
