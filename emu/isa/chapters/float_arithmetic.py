"""Floating point: arithmetic and comparison of single-precision numbers."""

from emu.isa.chapters.float_operands import FReg
from emu.isa.insn import insn
from emu.isa.ops import Ops, Value
from emu.isa.single_precision import ONE, SIGN


@insn("fadds", "{frz}, {frx}, {fry}", "111101 0 fry:4 0 frx:4 000000 00000 0 frz:4")
def fadds(t: Ops, frz: FReg, frx: FReg, fry: FReg) -> None:
    """FRZ ← FRX + FRY"""
    t.f[frz] = t.float_add(t.f[frx], t.f[fry])


@insn("fsubs", "{frz}, {frx}, {fry}", "111101 0 fry:4 0 frx:4 000000 00001 0 frz:4")
def fsubs(t: Ops, frz: FReg, frx: FReg, fry: FReg) -> None:
    """FRZ ← FRX - FRY"""
    t.f[frz] = t.float_subtract(t.f[frx], t.f[fry])


@insn("fabss", "{frz}, {frx}", "111101 00000 0 frx:4 000000 00110 0 frz:4")
def fabss(t: Ops, frz: FReg, frx: FReg) -> None:
    """FRZ ← |FRX|"""
    t.f[frz] = t.f[frx] & ~SIGN


@insn("fnegs", "{frz}, {frx}", "111101 00000 0 frx:4 000000 00111 0 frz:4")
def fnegs(t: Ops, frz: FReg, frx: FReg) -> None:
    """FRZ ← -FRX"""
    t.f[frz] = t.f[frx] ^ SIGN


@insn("fmuls", "{frz}, {frx}, {fry}", "111101 0 fry:4 0 frx:4 000000 10000 0 frz:4")
def fmuls(t: Ops, frz: FReg, frx: FReg, fry: FReg) -> None:
    """FRZ ← FRX * FRY"""
    t.f[frz] = _product(t, frx, fry)


@insn("fnmuls", "{frz}, {frx}, {fry}", "111101 0 fry:4 0 frx:4 000000 10001 0 frz:4")
def fnmuls(t: Ops, frz: FReg, frx: FReg, fry: FReg) -> None:
    """FRZ ← -(FRX * FRY)"""
    t.f[frz] = _product(t, frx, fry) ^ SIGN


# The product is rounded before it is added; of two NaNs the order of the operands does not decide.


@insn("fmacs", "{frz}, {frx}, {fry}", "111101 0 fry:4 0 frx:4 000000 10100 0 frz:4")
def fmacs(t: Ops, frz: FReg, frx: FReg, fry: FReg) -> None:
    """FRZ ← FRX * FRY + FRZ"""
    t.f[frz] = t.float_add(_product(t, frx, fry), t.f[frz])


@insn("fmscs", "{frz}, {frx}, {fry}", "111101 0 fry:4 0 frx:4 000000 10101 0 frz:4")
def fmscs(t: Ops, frz: FReg, frx: FReg, fry: FReg) -> None:
    """FRZ ← FRX * FRY - FRZ"""
    t.f[frz] = t.float_subtract(_product(t, frx, fry), t.f[frz])


@insn("fnmacs", "{frz}, {frx}, {fry}", "111101 0 fry:4 0 frx:4 000000 10110 0 frz:4")
def fnmacs(t: Ops, frz: FReg, frx: FReg, fry: FReg) -> None:
    """FRZ ← -(FRX * FRY) + FRZ"""
    t.f[frz] = t.float_add(_product(t, frx, fry) ^ SIGN, t.f[frz])


@insn("fnmscs", "{frz}, {frx}, {fry}", "111101 0 fry:4 0 frx:4 000000 10111 0 frz:4")
def fnmscs(t: Ops, frz: FReg, frx: FReg, fry: FReg) -> None:
    """FRZ ← -(FRX * FRY) - FRZ"""
    t.f[frz] = t.float_subtract(_product(t, frx, fry) ^ SIGN, t.f[frz])


def _product(t: Ops, frx: int, fry: int) -> Value:
    return t.float_multiply(t.f[frx], t.f[fry])


@insn("fdivs", "{frz}, {frx}, {fry}", "111101 0 fry:4 0 frx:4 000000 11000 0 frz:4")
def fdivs(t: Ops, frz: FReg, frx: FReg, fry: FReg) -> None:
    """FRZ ← FRX / FRY"""
    t.f[frz] = t.float_divide(t.f[frx], t.f[fry])


@insn("frecips", "{frz}, {frx}", "111101 00000 0 frx:4 000000 11001 0 frz:4")
def frecips(t: Ops, frz: FReg, frx: FReg) -> None:
    """FRZ ← 1.0 / FRX"""
    t.f[frz] = t.float_divide(t.constant(ONE), t.f[frx])


@insn("fsqrts", "{frz}, {frx}", "111101 00000 0 frx:4 000000 11010 0 frz:4")
def fsqrts(t: Ops, frz: FReg, frx: FReg) -> None:
    """FRZ ← √FRX"""
    t.f[frz] = t.float_square_root(t.f[frx])


# Comparison. With a NaN, all but ≠ and "unordered" are false.


@insn("fcmpzhss", "{frx}", "111101 00000 0 frx:4 000000 01000 00000")
def fcmpzhss(t: Ops, frx: FReg) -> None:
    """C ← FRX ≥ 0"""
    t.c = t.float_less_or_equal(t.constant(0), t.f[frx])


@insn("fcmpzlss", "{frx}", "111101 00000 0 frx:4 000000 01001 00000")
def fcmpzlss(t: Ops, frx: FReg) -> None:
    """C ← FRX ≤ 0"""
    t.c = t.float_less_or_equal(t.f[frx], t.constant(0))


@insn("fcmpznes", "{frx}", "111101 00000 0 frx:4 000000 01010 00000")
def fcmpznes(t: Ops, frx: FReg) -> None:
    """C ← FRX ≠ 0"""
    t.c = t.float_equal(t.f[frx], t.constant(0)) ^ 1


@insn("fcmpzuos", "{frx}", "111101 00000 0 frx:4 000000 01011 00000")
def fcmpzuos(t: Ops, frx: FReg) -> None:
    """C ← FRX is a NaN"""
    t.c = t.float_unordered(t.f[frx], t.constant(0))


@insn("fcmphss", "{frx}, {fry}", "111101 0 fry:4 0 frx:4 000000 01100 00000")
def fcmphss(t: Ops, frx: FReg, fry: FReg) -> None:
    """C ← FRX ≥ FRY"""
    t.c = t.float_less_or_equal(t.f[fry], t.f[frx])


@insn("fcmplts", "{frx}, {fry}", "111101 0 fry:4 0 frx:4 000000 01101 00000")
def fcmplts(t: Ops, frx: FReg, fry: FReg) -> None:
    """C ← FRX < FRY"""
    t.c = t.float_less(t.f[frx], t.f[fry])


@insn("fcmpnes", "{frx}, {fry}", "111101 0 fry:4 0 frx:4 000000 01110 00000")
def fcmpnes(t: Ops, frx: FReg, fry: FReg) -> None:
    """C ← FRX ≠ FRY"""
    t.c = t.float_equal(t.f[frx], t.f[fry]) ^ 1


@insn("fcmpuos", "{frx}, {fry}", "111101 0 fry:4 0 frx:4 000000 01111 00000")
def fcmpuos(t: Ops, frx: FReg, fry: FReg) -> None:
    """C ← FRX or FRY is a NaN"""
    t.c = t.float_unordered(t.f[frx], t.f[fry])
