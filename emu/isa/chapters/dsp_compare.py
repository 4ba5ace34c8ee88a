"""DSP: packed comparisons, minimum and maximum, clipping, absolute value and negation, selection."""

from collections.abc import Callable

from emu.isa.chapters.lanes import BYTE, HALF, S8, S16, S32, U8, U16, Lane, define, in_lanes, packed
from emu.isa.insn import insn
from emu.isa.operands import Imm, OImm, Reg
from emu.isa.ops import Ops, Value

# fmt: off

# Comparisons set all bits of the lane or none.


@packed("pcmpne.8",   "110010 00010", BYTE)
@packed("pcmpne.16",  "110010 00000", HALF)
def compare_not_equal(t: Ops, lane: Lane, x: Value, y: Value) -> Value:
    """RZ ← RX ≠ RY ? -1 : 0"""
    return _all_ones_if(x.ne(y))


@packed("pcmphs.u8",  "110010 01010", U8)
@packed("pcmphs.s8",  "110010 01110", S8)
@packed("pcmphs.u16", "110010 01000", U16)
@packed("pcmphs.s16", "110010 01100", S16)
def compare_higher_or_same(t: Ops, lane: Lane, x: Value, y: Value) -> Value:
    """RZ ← RX ≥ RY ? -1 : 0"""
    return _all_ones_if(x.sge(y))


@packed("pcmplt.u8",  "110010 10010", U8)
@packed("pcmplt.s8",  "110010 10110", S8)
@packed("pcmplt.u16", "110010 10000", U16)
@packed("pcmplt.s16", "110010 10100", S16)
def compare_less(t: Ops, lane: Lane, x: Value, y: Value) -> Value:
    """RZ ← RX < RY ? -1 : 0"""
    return _all_ones_if(x.slt(y))


@packed("pmax.u8",    "110011 00010", U8)
@packed("pmax.s8",    "110011 00110", S8)
@packed("pmax.u16",   "110011 00000", U16)
@packed("pmax.s16",   "110011 00100", S16)
def maximum(t: Ops, lane: Lane, x: Value, y: Value) -> Value:
    """RZ ← the larger of RX and RY"""
    return t.select(x.slt(y), y, x)


@packed("pmin.u8",    "110011 01010", U8)
@packed("pmin.s8",    "110011 01110", S8)
@packed("pmin.u16",   "110011 01000", U16)
@packed("pmin.s16",   "110011 01100", S16)
def minimum(t: Ops, lane: Lane, x: Value, y: Value) -> Value:
    """RZ ← the smaller of RX and RY"""
    return t.select(x.slt(y), x, y)


Unary = Callable[[Ops, Lane, Value], Value]


def unary(mnemonic: str, opcode: str, lane: Lane) -> Callable[[Unary], Unary]:
    """Declare `MNEMONIC rz, rx`, which does the decorated operation (t, lane, x) in each lane."""

    def declare(operation: Unary) -> Unary:
        def execute(t: Ops, rz: Reg, rx: Reg) -> None:
            t[rz] = in_lanes(lane, lambda x: operation(t, lane, x), t[rx])

        define(execute, mnemonic, operation, (operation.__doc__ or "") + lane.note)
        insn(mnemonic, "{rz}, {rx}", f"111110 00000 rx:5 {opcode} rz:5")(execute)
        return operation

    return declare


@unary("pabs.s8.s",   "110111 00100", S8)
@unary("pabs.s16.s",  "110111 00101", S16)
@unary("abs.s32.s",   "110111 00110", S32)
def absolute(t: Ops, lane: Lane, x: Value) -> Value:
    """RZ ← |RX|, saturated"""
    sign = x.sar(lane.bits)
    return lane.saturated((x ^ sign) - sign)


@unary("pneg.s8.s",   "110111 01100", S8)
@unary("pneg.s16.s",  "110111 01101", S16)
@unary("neg.s32.s",   "110111 01110", S32)
def negated(t: Ops, lane: Lane, x: Value) -> Value:
    """RZ ← -RX, saturated"""
    return lane.saturated(~x + 1)

# fmt: on


@insn("sel", "{rz}, {rx}, {ry}, {rs}", "111110 ry:5 rx:5 100100 rs:5 rz:5")
def sel(t: Ops, rz: Reg, rx: Reg, ry: Reg, rs: Reg) -> None:
    """RZ ← (RX & RS) | (RY & ~RS)"""
    t[rz] = (t[rx] & t[rs]) | (t[ry] & ~t[rs])


# Clipping: into n unsigned or n signed bits. The number clipped is always signed.


@insn("clipi.u32", "{rz}, {rx}, {imm}", "111110 imm:5 rx:5 110110 11000 rz:5")
def clipi_u32(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """RZ ← RX clipped to 0..2^IMM - 1"""
    t[rz] = _clipped(t, t[rx], 0, (1 << imm) - 1)


@insn("clipi.s32", "{rz}, {rx}, {oimm}", "111110 oimm:5 rx:5 110110 11100 rz:5")
def clipi_s32(t: Ops, rz: Reg, rx: Reg, oimm: OImm) -> None:
    """RZ ← RX clipped to -2^(OIMM-1)..2^(OIMM-1) - 1"""
    limit = 1 << oimm >> 1
    t[rz] = _clipped(t, t[rx], -limit, limit - 1)


@insn("clip.u32", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110110 11001 rz:5")
def clip_u32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX clipped to 0..2^RY - 1; RX if RY > 31"""
    t[rz] = _clipped_unsigned(t, t[rx], t[ry], 32)


@insn("clip.s32", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110110 11101 rz:5")
def clip_s32(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX clipped to -2^(RY-1)..2^(RY-1) - 1; 0 if RY = 0; RX if RY > 32"""
    t[rz] = _clipped_signed(t, t[rx], t[ry], 32)


@insn("pclipi.u16", "{rz}, {rx}, {imm}", "111110 imm:5 rx:5 110110 11010 rz:5")
def pclipi_u16(t: Ops, rz: Reg, rx: Reg, imm: Imm) -> None:
    """RZ ← RX clipped to 0..2^IMM - 1, each signed half"""
    t[rz] = in_lanes(S16, lambda x: _clipped(t, x, 0, (1 << imm) - 1), t[rx])


@insn("pclipi.s16", "{rz}, {rx}, {oimm}", "111110 oimm:5 rx:5 110110 11110 rz:5")
def pclipi_s16(t: Ops, rz: Reg, rx: Reg, oimm: OImm) -> None:
    """RZ ← RX clipped to -2^(OIMM-1)..2^(OIMM-1) - 1, each signed half"""
    limit = 1 << oimm >> 1
    t[rz] = in_lanes(S16, lambda x: _clipped(t, x, -limit, limit - 1), t[rx])


@insn("pclip.u16", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110110 11011 rz:5")
def pclip_u16(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX clipped to 0..2^RY - 1, each signed half; RX if RY > 15"""
    t[rz] = in_lanes(S16, lambda x: _clipped_unsigned(t, x, t[ry], 16), t[rx])


@insn("pclip.s16", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110110 11111 rz:5")
def pclip_s16(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX clipped to -2^(RY-1)..2^(RY-1) - 1, each signed half; 0 if RY = 0; RX if RY > 16"""
    t[rz] = in_lanes(S16, lambda x: _clipped_signed(t, x, t[ry], 16), t[rx])


def _clipped_unsigned(t: Ops, x: Value, width: Value, bits: int) -> Value:
    return t.select(width.ult(bits), _clipped(t, x, 0, t.constant(1).shl(width) - 1), x)


def _clipped_signed(t: Ops, x: Value, width: Value, bits: int) -> Value:
    limit = t.constant(1).shl(width - 1)
    clipped = t.select(width.ult(bits + 1), _clipped(t, x, t.constant(0) - limit, limit - 1), x)
    return t.select(width.eq(0), 0, clipped)


def _clipped(t: Ops, x: Value, low: Value | int, high: Value | int) -> Value:
    return t.select(x.slt(low), low, t.select(x.sge(high), high, x))


def _all_ones_if(condition: Value) -> Value:
    return condition.shl(31).sar(31)
