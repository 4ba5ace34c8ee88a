"""DSP: rounding, saturating and packed shifts.

A shift count in a register is RY[5:0] for words and RY[4:0] for halves. The assembler takes immediate counts
of halves from 1 to 16 only; the higher ones can be encoded.
"""

from emu.isa.chapters.lanes import HALF, S16, U16, in_lanes
from emu.isa.insn import insn
from emu.isa.operands import OImm, Reg
from emu.isa.ops import Ops, Value

# Words.


@insn("asri.s32.r", "{rz}, {rx}, {oimm}", "111110 oimm:5 rx:5 110100 01101 rz:5")
def asri_s32_r(t: Ops, rz: Reg, rx: Reg, oimm: OImm) -> None:
    """RZ ← RX >> OIMM (signed), rounded"""
    t[rz] = _rounded(_upper(t[rx]).sar(oimm))


@insn("asr.s32.r", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110100 01111 rz:5")
def asr_s32_r(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX >> RY[5:0] (signed), rounded"""
    t[rz] = _rounded(_upper(t[rx]).sar(t[ry]))


@insn("lsri.u32.r", "{rz}, {rx}, {oimm}", "111110 oimm:5 rx:5 110100 11001 rz:5")
def lsri_u32_r(t: Ops, rz: Reg, rx: Reg, oimm: OImm) -> None:
    """RZ ← RX >> OIMM (unsigned), rounded"""
    t[rz] = _rounded(_upper(t[rx]).shr(oimm))


@insn("lsr.u32.r", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110100 11011 rz:5")
def lsr_u32_r(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX >> RY[5:0] (unsigned), rounded"""
    t[rz] = _rounded(_upper(t[rx]).shr(t[ry]))


@insn("lsli.u32.s", "{rz}, {rx}, {oimm}", "111110 oimm:5 rx:5 110101 01001 rz:5")
def lsli_u32_s(t: Ops, rz: Reg, rx: Reg, oimm: OImm) -> None:
    """RZ ← RX << OIMM (unsigned), saturated"""
    t[rz] = _fitting(t[rx].zero_extend_64().shl(oimm))


@insn("lsli.s32.s", "{rz}, {rx}, {oimm}", "111110 oimm:5 rx:5 110101 01101 rz:5")
def lsli_s32_s(t: Ops, rz: Reg, rx: Reg, oimm: OImm) -> None:
    """RZ ← RX << OIMM (signed), saturated"""
    t[rz] = t[rx].sign_extend_64().shl(oimm).saturate_signed(32)


@insn("lsl.u32.s", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110101 01011 rz:5")
def lsl_u32_s(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX << RY[5:0] (unsigned), saturated"""
    t[rz] = _fitting(t[rx].zero_extend_64().shl(_at_most(t, t[ry].bits(5, 0), 32)))


@insn("lsl.s32.s", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110101 01111 rz:5")
def lsl_s32_s(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX << RY[5:0] (signed), saturated"""
    t[rz] = t[rx].sign_extend_64().shl(_at_most(t, t[ry].bits(5, 0), 32)).saturate_signed(32)


# Halves.


@insn("pasri.s16", "{rz}, {rx}, {oimm}", "111110 oimm:5 rx:5 110100 00100 rz:5")
def pasri_s16(t: Ops, rz: Reg, rx: Reg, oimm: OImm) -> None:
    """RZ ← RX >> OIMM, each signed half"""
    t[rz] = in_lanes(S16, lambda x: x.sar(oimm), t[rx])


@insn("pasr.s16", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110100 00110 rz:5")
def pasr_s16(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX >> RY[4:0], each signed half"""
    count = t[ry].bits(4, 0)
    t[rz] = in_lanes(S16, lambda x: x.sar(count), t[rx])


@insn("pasri.s16.r", "{rz}, {rx}, {oimm}", "111110 oimm:5 rx:5 110100 01100 rz:5")
def pasri_s16_r(t: Ops, rz: Reg, rx: Reg, oimm: OImm) -> None:
    """RZ ← RX >> OIMM, rounded, each signed half"""
    t[rz] = in_lanes(S16, lambda x: _rounded(_upper(x).sar(oimm)), t[rx])


@insn("pasr.s16.r", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110100 01110 rz:5")
def pasr_s16_r(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX >> RY[4:0], rounded, each signed half"""
    count = t[ry].bits(4, 0)
    t[rz] = in_lanes(S16, lambda x: _rounded(_upper(x).sar(count)), t[rx])


@insn("plsri.u16", "{rz}, {rx}, {oimm}", "111110 oimm:5 rx:5 110100 10000 rz:5")
def plsri_u16(t: Ops, rz: Reg, rx: Reg, oimm: OImm) -> None:
    """RZ ← RX >> OIMM, each unsigned half"""
    t[rz] = in_lanes(U16, lambda x: x.shr(oimm), t[rx])


@insn("plsr.u16", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110100 10010 rz:5")
def plsr_u16(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX >> RY[4:0], each unsigned half"""
    count = t[ry].bits(4, 0)
    t[rz] = in_lanes(U16, lambda x: x.shr(count), t[rx])


@insn("plsri.u16.r", "{rz}, {rx}, {oimm}", "111110 oimm:5 rx:5 110100 11000 rz:5")
def plsri_u16_r(t: Ops, rz: Reg, rx: Reg, oimm: OImm) -> None:
    """RZ ← RX >> OIMM, rounded, each unsigned half"""
    t[rz] = in_lanes(U16, lambda x: _rounded(_upper(x).shr(oimm)), t[rx])


@insn("plsr.u16.r", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110100 11010 rz:5")
def plsr_u16_r(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX >> RY[4:0], rounded, each unsigned half"""
    count = t[ry].bits(4, 0)
    t[rz] = in_lanes(U16, lambda x: _rounded(_upper(x).shr(count)), t[rx])


@insn("plsli.16", "{rz}, {rx}, {oimm}", "111110 oimm:5 rx:5 110101 00000 rz:5")
def plsli_16(t: Ops, rz: Reg, rx: Reg, oimm: OImm) -> None:
    """RZ ← RX << OIMM, each half"""
    t[rz] = in_lanes(HALF, lambda x: x.shl(oimm), t[rx])


@insn("plsl.16", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110101 00010 rz:5")
def plsl_16(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX << RY[4:0], each half"""
    count = t[ry].bits(4, 0)
    t[rz] = in_lanes(HALF, lambda x: x.shl(count), t[rx])


@insn("plsli.u16.s", "{rz}, {rx}, {oimm}", "111110 oimm:5 rx:5 110101 01000 rz:5")
def plsli_u16_s(t: Ops, rz: Reg, rx: Reg, oimm: OImm) -> None:
    """RZ ← RX << OIMM, saturated, each unsigned half"""
    t[rz] = in_lanes(U16, lambda x: U16.saturated(x.zero_extend_64().shl(oimm)), t[rx])


@insn("plsli.s16.s", "{rz}, {rx}, {oimm}", "111110 oimm:5 rx:5 110101 01100 rz:5")
def plsli_s16_s(t: Ops, rz: Reg, rx: Reg, oimm: OImm) -> None:
    """RZ ← RX << OIMM, saturated, each signed half"""
    t[rz] = in_lanes(S16, lambda x: S16.saturated(x.sign_extend_64().shl(oimm)), t[rx])


@insn("plsl.u16.s", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110101 01010 rz:5")
def plsl_u16_s(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX << RY[4:0], saturated, each unsigned half"""
    count = t[ry].bits(4, 0)
    t[rz] = in_lanes(U16, lambda x: U16.saturated(x.zero_extend_64().shl(count)), t[rx])


@insn("plsl.s16.s", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110101 01110 rz:5")
def plsl_s16_s(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RX << RY[4:0], saturated, each signed half"""
    count = t[ry].bits(4, 0)
    t[rz] = in_lanes(S16, lambda x: S16.saturated(x.sign_extend_64().shl(count)), t[rx])


def _upper(word: Value) -> Value:
    """The word above 32 bits for what is shifted out."""
    return word.zero_extend_64().shl(32)


def _rounded(wide: Value) -> Value:
    """Bits 63..32, rounded to the nearest; a half goes up."""
    return (wide + 0x8000_0000).high()


def _fitting(wide: Value) -> Value:
    """An unsigned 64-bit value clamped to 32 bits."""
    return wide.low() | wide.high().ne(0).shl(31).sar(31)


def _at_most(t: Ops, count: Value, limit: int) -> Value:
    return t.select(count.ult(limit), count, limit)
