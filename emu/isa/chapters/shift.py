"""Shifts and rotations."""

from emu.isa.insn import insn
from emu.isa.operands import Imm, OImm, Reg
from emu.isa.ops import Ops


@insn("lsl", "{rz}, {rx}", "011100 rz:4 rx:4 00")
def lsl16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RZ << RX[5:0]"""
    t[rz] = t[rz].shl(t[rx])


@insn("lsl", "{rz}, {rx}, {ry}", "110001 ry:5 rx:5 010000 00001 rz:5")
def lsl32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX << RY[5:0]"""
    t[rz] = t[rx].shl(t[ry])


@insn("lsli", "{rz}, {rx}, {imm}", "01000 rx:3 rz:3 imm:5")
def lsli16(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """RZ ← RX << IMM"""
    t[rz] = t[rx].shl(imm)


@insn("lsli", "{rz}, {rx}, {imm}", "110001 imm:5 rx:5 010010 00001 rz:5")
def lsli32(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """RZ ← RX << IMM; "mov32" is IMM = 0"""
    t[rz] = t[rx].shl(imm)


@insn("lsr", "{rz}, {rx}", "011100 rz:4 rx:4 01")
def lsr16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RZ >> RX[5:0] (unsigned)"""
    t[rz] = t[rz].shr(t[rx])


@insn("lsr", "{rz}, {rx}, {ry}", "110001 ry:5 rx:5 010000 00010 rz:5")
def lsr32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX >> RY[5:0] (unsigned)"""
    t[rz] = t[rx].shr(t[ry])


@insn("lsri", "{rz}, {rx}, {imm}", "01001 rx:3 rz:3 imm:5")
def lsri16(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """RZ ← RX >> IMM (unsigned)"""
    t[rz] = t[rx].shr(imm)


@insn("lsri", "{rz}, {rx}, {imm}", "110001 imm:5 rx:5 010010 00010 rz:5")
def lsri32(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """RZ ← RX >> IMM (unsigned)"""
    t[rz] = t[rx].shr(imm)


@insn("asr", "{rz}, {rx}", "011100 rz:4 rx:4 10")
def asr16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RZ >> RX[5:0] (signed)"""
    t[rz] = t[rz].sar(t[rx])


@insn("asr", "{rz}, {rx}, {ry}", "110001 ry:5 rx:5 010000 00100 rz:5")
def asr32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX >> RY[5:0] (signed)"""
    t[rz] = t[rx].sar(t[ry])


@insn("asri", "{rz}, {rx}, {imm}", "01010 rx:3 rz:3 imm:5")
def asri16(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """RZ ← RX >> IMM (signed)"""
    t[rz] = t[rx].sar(imm)


@insn("asri", "{rz}, {rx}, {imm}", "110001 imm:5 rx:5 010010 00100 rz:5")
def asri32(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """RZ ← RX >> IMM (signed)"""
    t[rz] = t[rx].sar(imm)


@insn("rotl", "{rz}, {rx}", "011100 rz:4 rx:4 11")
def rotl16(t: Ops, rz: Reg, rx: Reg) -> None:
    """RZ ← RZ rotated left by RX[4:0]"""
    t[rz] = t[rz].rotl(t[rx])


@insn("rotl", "{rz}, {rx}, {ry}", "110001 ry:5 rx:5 010000 01000 rz:5")
def rotl32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX rotated left by RY[4:0]"""
    t[rz] = t[rx].rotl(t[ry])


@insn("rotli", "{rz}, {rx}, {imm}", "110001 imm:5 rx:5 010010 01000 rz:5")
def rotli32(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """RZ ← RX rotated left by IMM"""
    t[rz] = t[rx].rotl(imm)


@insn("lslc", "{rz}, {rx}, {oimm}", "110001 oimm:5 rx:5 010011 00001 rz:5")
def lslc32(t: Ops, rz: Reg, rx: Reg, oimm: OImm) -> None:
    """C ← RX[32 - OIMM]; RZ ← RX << OIMM"""
    t.c = t[rx].bits(32 - oimm, 32 - oimm)
    t[rz] = t[rx].shl(oimm)


@insn("lsrc", "{rz}, {rx}, {oimm}", "110001 oimm:5 rx:5 010011 00010 rz:5")
def lsrc32(t: Ops, rz: Reg, rx: Reg, oimm: OImm) -> None:
    """C ← RX[OIMM - 1]; RZ ← RX >> OIMM (unsigned)"""
    t.c = t[rx].bits(oimm - 1, oimm - 1)
    t[rz] = t[rx].shr(oimm)


@insn("asrc", "{rz}, {rx}, {oimm}", "110001 oimm:5 rx:5 010011 00100 rz:5")
def asrc32(t: Ops, rz: Reg, rx: Reg, oimm: OImm) -> None:
    """C ← RX[OIMM - 1]; RZ ← RX >> OIMM (signed)"""
    t.c = t[rx].bits(oimm - 1, oimm - 1)
    t[rz] = t[rx].sar(oimm)


@insn("xsr", "{rz}, {rx}, {oimm}", "110001 oimm:5 rx:5 010011 01000 rz:5")
def xsr32(t: Ops, rz: Reg, rx: Reg, oimm: OImm) -> None:
    """{RZ, C} ← the 33 bits {RX, C} rotated right by OIMM"""
    joined = t[rx].zero_extend_64().shl(1) | t.c.zero_extend_64()
    rotated = joined.shr(oimm) | joined.shl(33 - oimm)
    t[rz] = rotated.shr(1).low()
    t.c = rotated.low() & 1
