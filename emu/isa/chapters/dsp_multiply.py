"""DSP: multiplication that keeps a part of the product, adds up products, saturates or rounds.

A fraction is a number in -1..1 of 16 or 32 bits: the product of two has its sign bit twice, so it is taken
one bit further down, and only -1 * -1 saturates.
"""

from collections.abc import Callable
from dataclasses import dataclass

from emu.isa.chapters.lanes import S16, define
from emu.isa.chapters.pairs import read_pair, write_pair
from emu.isa.insn import insn
from emu.isa.operands import Reg
from emu.isa.ops import Ops, Value


@dataclass(frozen=True)
class Product:
    """What of RX and RY is multiplied: for the operation line, and as a signed 64-bit value."""

    text: str
    of: Callable[[Value, Value], Value]


Use = Callable[[Ops, int, Value], None]


def multiply(mnemonic: str, opcode: str, product: Product) -> Callable[[Use], Use]:
    """Declare `MNEMONIC rz, rx, ry`; the decorated function (t, rz, product) uses the product."""

    def declare(use: Use) -> Use:
        def execute(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
            use(t, rz, product.of(t[rx], t[ry]))

        define(execute, mnemonic, use, (use.__doc__ or "").replace("PRODUCT", product.text))
        insn(mnemonic, "{rz}, {rx}, {ry}", f"111110 ry:5 rx:5 {opcode} rz:5")(execute)
        return use

    return declare


def _word(value: Value) -> Value:
    return value.sign_extend_64()


def _low(value: Value) -> Value:
    return S16.of(value, 0).sign_extend_64()


def _high(value: Value) -> Value:
    return S16.of(value, 1).sign_extend_64()


def upper(product: Product, lsb: int) -> Product:
    """The product without its low bits."""
    return Product(f"({product.text})[{lsb + 31}:{lsb}]", lambda x, y: product.of(x, y).sar(lsb))


def rounded(product: Product, lsb: int) -> Product:
    """The same, rounded to the nearest; a half goes up."""
    half = Product(f"{product.text} + 2^{lsb - 1}", lambda x, y: product.of(x, y) + (1 << lsb - 1))
    return upper(half, lsb)


# fmt: off
WORDS     = Product("RX * RY",                lambda x, y: _word(x) * _word(y))
WORD_LOW  = Product("RX * RY[15:0]",          lambda x, y: _word(x) * _low(y))
WORD_HIGH = Product("RX * RY[31:16]",         lambda x, y: _word(x) * _high(y))
NEGATED   = Product("-RX * RY",               lambda x, y: ~(_word(x) * _word(y)) + 1)
LOW_LOW   = Product("RX[15:0] * RY[15:0]",    lambda x, y: _low(x) * _low(y))
HIGH_HIGH = Product("RX[31:16] * RY[31:16]",  lambda x, y: _high(x) * _high(y))
HIGH_LOW  = Product("RX[31:16] * RY[15:0]",   lambda x, y: _high(x) * _low(y))
SUM       = Product("(RX[31:16] * RY[31:16] + RX[15:0] * RY[15:0])",
                    lambda x, y: _high(x) * _high(y) + _low(x) * _low(y))
CROSS_SUM = Product("(RX[31:16] * RY[15:0] + RX[15:0] * RY[31:16])",
                    lambda x, y: _high(x) * _low(y) + _low(x) * _high(y))
LOW_MINUS_HIGH = Product("(RX[15:0] * RY[15:0] - RX[31:16] * RY[31:16])",
                    lambda x, y: _low(x) * _low(y) - _high(x) * _high(y))
HIGH_MINUS_LOW = Product("(RX[31:16] * RY[31:16] - RX[15:0] * RY[15:0])",
                    lambda x, y: _high(x) * _high(y) - _low(x) * _low(y))
CROSS_DIFFERENCE = Product("(RX[15:0] * RY[31:16] - RX[31:16] * RY[15:0])",
                    lambda x, y: _low(x) * _high(y) - _high(x) * _low(y))


@multiply("mul.s32.h",      "100001 00000", upper(WORDS, 32))
@multiply("mul.s32.rh",     "100001 10000", rounded(WORDS, 32))
@multiply("mulxl.s32",      "100010 00000", upper(WORD_LOW, 16))
@multiply("mulxl.s32.r",    "100010 10000", rounded(WORD_LOW, 16))
@multiply("mulxh.s32",      "100011 00000", upper(WORD_HIGH, 16))
@multiply("mulxh.s32.r",    "100011 10000", rounded(WORD_HIGH, 16))
@multiply("mulll.s16",      "100000 00001", LOW_LOW)
@multiply("mulhh.s16",      "100000 10011", HIGH_HIGH)
@multiply("mulhl.s16",      "100000 10001", HIGH_LOW)
@multiply("mulcs.s16",      "100010 10001", LOW_MINUS_HIGH)
@multiply("mulcsr.s16",     "100010 10011", HIGH_MINUS_LOW)
@multiply("mulcsx.s16",     "100011 00001", CROSS_DIFFERENCE)
def keep(t: Ops, rz: int, product: Value) -> None:
    """RZ ← PRODUCT (signed)"""
    t[rz] = product.low()


@multiply("mulca.s16.s",    "100010 01001", SUM)
@multiply("mulcax.s16.s",   "100010 01011", CROSS_SUM)
@multiply("rmul.s32.h",     "100001 01000", upper(WORDS, 31))
@multiply("rmul.s32.rh",    "100001 11000", rounded(WORDS, 31))
@multiply("rmulxl.s32",     "100010 01000", upper(WORD_LOW, 15))
@multiply("rmulxl.s32.r",   "100010 11000", rounded(WORD_LOW, 15))
@multiply("rmulxh.s32",     "100011 01000", upper(WORD_HIGH, 15))
@multiply("rmulxh.s32.r",   "100011 11000", rounded(WORD_HIGH, 15))
def keep_saturated(t: Ops, rz: int, product: Value) -> None:
    """RZ ← PRODUCT (signed), saturated"""
    t[rz] = product.saturate_signed(32)


@multiply("rmulll.s16",     "100000 01001", LOW_LOW)
@multiply("rmulhh.s16",     "100000 11011", HIGH_HIGH)
@multiply("rmulhl.s16",     "100000 11001", HIGH_LOW)
def double(t: Ops, rz: int, product: Value) -> None:
    """RZ ← PRODUCT * 2 (signed), saturated"""
    t[rz] = product.shl(1).saturate_signed(32)


@multiply("mula.s32.hs",    "100001 01100", upper(WORDS, 32))
@multiply("mula.s32.rhs",   "100001 11100", rounded(WORDS, 32))
@multiply("muls.s32.rhs",   "100001 11110", rounded(NEGATED, 32))
@multiply("mulaxl.s32.s",   "100010 01100", upper(WORD_LOW, 16))
@multiply("mulaxl.s32.rs",  "100010 11100", rounded(WORD_LOW, 16))
@multiply("mulaxh.s32.s",   "100011 01100", upper(WORD_HIGH, 16))
@multiply("mulaxh.s32.rs",  "100011 11100", rounded(WORD_HIGH, 16))
@multiply("mulall.s16.s",   "100000 01101", LOW_LOW)
@multiply("mulahh.s16.s",   "100000 11111", HIGH_HIGH)
@multiply("mulahl.s16.s",   "100000 11101", HIGH_LOW)
@multiply("mulaca.s16.s",   "100010 01101", SUM)
@multiply("mulacax.s16.s",  "100010 01111", CROSS_SUM)
@multiply("mulacs.s16.s",   "100010 11101", LOW_MINUS_HIGH)
@multiply("mulacsr.s16.s",  "100010 11111", HIGH_MINUS_LOW)
@multiply("mulacsx.s16.s",  "100011 01101", CROSS_DIFFERENCE)
def accumulate(t: Ops, rz: int, product: Value) -> None:
    """RZ ← RZ + PRODUCT (signed), saturated"""
    t[rz] = (product + t[rz].sign_extend_64()).saturate_signed(32)


@multiply("muls.s32.hs",    "100001 01110", upper(WORDS, 32))
@multiply("mulsca.s16.s",   "100011 01111", SUM)
@multiply("mulscax.s16.s",  "100011 11101", CROSS_SUM)
def deduct(t: Ops, rz: int, product: Value) -> None:
    """RZ ← RZ - PRODUCT (signed), saturated"""
    t[rz] = (t[rz].sign_extend_64() - product).saturate_signed(32)


@multiply("mulall.s16.e",   "100000 00101", LOW_LOW)
@multiply("mulahh.s16.e",   "100000 10111", HIGH_HIGH)
@multiply("mulahl.s16.e",   "100000 00111", HIGH_LOW)
@multiply("mulaca.s16.e",   "100010 00101", SUM)
@multiply("mulacax.s16.e",  "100010 00111", CROSS_SUM)
@multiply("mulacs.s16.e",   "100010 10101", LOW_MINUS_HIGH)
@multiply("mulacsr.s16.e",  "100010 10111", HIGH_MINUS_LOW)
@multiply("mulacsx.s16.e",  "100011 00101", CROSS_DIFFERENCE)
def accumulate_in_pair(t: Ops, rz: int, product: Value) -> None:
    """{RZ+1, RZ} ← {RZ+1, RZ} + PRODUCT (signed)"""
    write_pair(t, rz, read_pair(t, rz) + product)


@multiply("mulsca.s16.e",   "100011 00111", SUM)
@multiply("mulscax.s16.e",  "100011 10101", CROSS_SUM)
def deduct_from_pair(t: Ops, rz: int, product: Value) -> None:
    """{RZ+1, RZ} ← {RZ+1, RZ} - PRODUCT (signed)"""
    write_pair(t, rz, read_pair(t, rz) - product)
