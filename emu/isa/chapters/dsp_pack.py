"""DSP: packing, unpacking, extracting and duplicating parts of words."""

from emu.isa.chapters.lanes import S8, U8, Lane, joined
from emu.isa.insn import insn
from emu.isa.operands import Imm, OImm, Reg
from emu.isa.ops import Ops, Value


@insn("pkg", "{rz}, {rx}, {imm}, {ry}, {oimm}", "111110 ry:5 rx:5 101 oimm:4 imm:4 rz:5")
def pkg(t: Ops, rz: Reg, rx: Reg, imm: Imm, ry: Reg, oimm: OImm) -> None:
    """RZ ← {(RY >> OIMM)[15:0], (RX >> IMM)[15:0]}"""
    t[rz] = t[rx].shr(imm).insert(31, 16, t[ry].shr(oimm))


@insn("pkgll", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110110 00010 rz:5")
def pkgll(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← {RY[15:0], RX[15:0]}"""
    t[rz] = t[rx].insert(31, 16, t[ry])


@insn("pkghh", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110110 00011 rz:5")
def pkghh(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← {RY[31:16], RX[31:16]}"""
    t[rz] = t[ry].insert(15, 0, t[rx].shr(16))


@insn("dexti", "{rz}, {rx}, {ry}, {imm}", "111110 ry:5 rx:5 100110 imm:5 rz:5")
def dexti(t: Ops, rz: Reg, rx: Reg, ry: Reg, imm: Imm) -> None:
    """RZ ← ({RY, RX} >> IMM)[31:0]"""
    t[rz] = _doubleword(t[rx], t[ry]).shr(imm).low()


@insn("dext", "{rz}, {rx}, {ry}, {rs}", "111110 ry:5 rx:5 100111 rs:5 rz:5")
def dext(t: Ops, rz: Reg, rx: Reg, ry: Reg, rs: Reg) -> None:
    """RZ ← ({RY, RX} >> RS[5:0])[31:0]"""
    t[rz] = _doubleword(t[rx], t[ry]).shr(t[rs].bits(5, 0)).low()


def _doubleword(low: Value, high: Value) -> Value:
    return low.zero_extend_64() | high.zero_extend_64().shl(32)


# Bytes of RX widened to the four halves of a pair, in order or with the two in the middle exchanged.


@insn("pext.u8.e", "{rz}, {rx}", "111110 00000 rx:5 110110 01000 rz:5")
def pext_u8_e(t: Ops, rz: Reg, rx: Reg) -> None:
    """{RZ+1, RZ} ← {RX[31:24], RX[23:16], RX[15:8], RX[7:0]}, zero-extended to halves"""
    _widen(t, rz, t[rx], U8, (0, 1, 2, 3))


@insn("pext.s8.e", "{rz}, {rx}", "111110 00000 rx:5 110110 01100 rz:5")
def pext_s8_e(t: Ops, rz: Reg, rx: Reg) -> None:
    """{RZ+1, RZ} ← {RX[31:24], RX[23:16], RX[15:8], RX[7:0]}, sign-extended to halves"""
    _widen(t, rz, t[rx], S8, (0, 1, 2, 3))


@insn("pextx.u8.e", "{rz}, {rx}", "111110 00000 rx:5 110110 01001 rz:5")
def pextx_u8_e(t: Ops, rz: Reg, rx: Reg) -> None:
    """{RZ+1, RZ} ← {RX[31:24], RX[15:8], RX[23:16], RX[7:0]}, zero-extended to halves"""
    _widen(t, rz, t[rx], U8, (0, 2, 1, 3))


@insn("pextx.s8.e", "{rz}, {rx}", "111110 00000 rx:5 110110 01101 rz:5")
def pextx_s8_e(t: Ops, rz: Reg, rx: Reg) -> None:
    """{RZ+1, RZ} ← {RX[31:24], RX[15:8], RX[23:16], RX[7:0]}, sign-extended to halves"""
    _widen(t, rz, t[rx], S8, (0, 2, 1, 3))


def _widen(t: Ops, rz: int, word: Value, lane: Lane, order: tuple[int, int, int, int]) -> None:
    low, high = (joined(16, (lane.of(word, index) for index in half)) for half in (order[:2], order[2:]))
    t[rz], t[(rz + 1) % 32] = low, high


# Every second byte of RX and RY.


@insn("narl", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110110 10000 rz:5")
def narl(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← {RY[23:16], RY[7:0], RX[23:16], RX[7:0]}"""
    t[rz] = _bytes((t[rx], 0), (t[rx], 2), (t[ry], 0), (t[ry], 2))


@insn("narh", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110110 10001 rz:5")
def narh(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← {RY[31:24], RY[15:8], RX[31:24], RX[15:8]}"""
    t[rz] = _bytes((t[rx], 1), (t[rx], 3), (t[ry], 1), (t[ry], 3))


@insn("narlx", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110110 10010 rz:5")
def narlx(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← {RY[23:16], RX[23:16], RY[7:0], RX[7:0]}"""
    t[rz] = _bytes((t[rx], 0), (t[ry], 0), (t[rx], 2), (t[ry], 2))


@insn("narhx", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110110 10011 rz:5")
def narhx(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← {RY[31:24], RX[31:24], RY[15:8], RX[15:8]}"""
    t[rz] = _bytes((t[rx], 1), (t[ry], 1), (t[rx], 3), (t[ry], 3))


@insn("dup.8", "{rz}, {rx}, {index}", "111110 00000 rx:5 110111 100 index:2 rz:5")
def dup_8(t: Ops, rz: Reg, rx: Reg, index: Imm) -> None:
    """RZ ← byte INDEX of RX, four times"""
    t[rz] = _bytes(*[(t[rx], index)] * 4)


@insn("dup.16", "{rz}, {rx}, {index}", "111110 00000 rx:5 110111 110 index:2 rz:5")
def dup_16(t: Ops, rz: Reg, rx: Reg, index: Imm) -> None:
    """RZ ← half INDEX & 1 of RX, twice"""
    half = t[rx].shr(16 * (index & 1))
    t[rz] = half.insert(31, 16, half)


def _bytes(*chosen: tuple[Value, int]) -> Value:
    """A word made of bytes, each given as word and index; the lowest first."""
    return joined(8, (word.shr(8 * index) for word, index in chosen))
