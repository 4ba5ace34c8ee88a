"""DSP: two products at once, sums over bytes, 64-bit sums that saturate, 64-bit division."""

from collections.abc import Callable

from emu.isa.chapters.lanes import S8, S16, U8, U16, Lane, define, joined
from emu.isa.chapters.pairs import read_pair, write_pair
from emu.isa.chapters.saturation import (
    add_signed_64,
    add_unsigned_64,
    subtract_signed_64,
    subtract_unsigned_64,
)
from emu.isa.insn import insn
from emu.isa.operands import Reg
from emu.isa.ops import Ops, Value

Finish = Callable[[Ops, int, Value, Value], None]


def two_products(mnemonic: str, opcode: str, lane: Lane, order: str = "") -> Callable[[Finish], Finish]:
    """Declare `MNEMONIC rz, rx, ry`; the decorated function (t, rz, low, high) gets RX's halves times RY's.

    `order` x exchanges RY's halves.
    """

    def declare(finish: Finish) -> Finish:
        def execute(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
            x, y, crossed = t[rx], t[ry], order == "x"
            low = lane.of(x, 0) * lane.of(y, 1 if crossed else 0)
            finish(t, rz, low, lane.of(x, 1) * lane.of(y, 0 if crossed else 1))

        low, high = ("RX[15:0] * RY[31:16]", "RX[31:16] * RY[15:0]")
        if not order:
            low, high = ("RX[15:0] * RY[15:0]", "RX[31:16] * RY[31:16]")
        doc = (finish.__doc__ or "").replace("LOW", low).replace("HIGH", high)
        define(execute, mnemonic, finish, f"{doc} ({'' if lane.signed else 'un'}signed)")
        insn(mnemonic, "{rz}, {rx}, {ry}", f"111110 ry:5 rx:5 {opcode} rz:5")(execute)
        return finish

    return declare


# fmt: off


@two_products("pmul.u16",       "100001 00101", U16)
@two_products("pmulx.u16",      "100001 00111", U16, "x")
@two_products("pmul.s16",       "100001 00001", S16)
@two_products("pmulx.s16",      "100001 00011", S16, "x")
def keep(t: Ops, rz: int, low: Value, high: Value) -> None:
    """{RZ+1, RZ} ← {HIGH, LOW}"""
    t[rz], t[(rz + 1) % 32] = low, high


@two_products("prmul.s16",      "100001 01001", S16)
@two_products("prmulx.s16",     "100001 01011", S16, "x")
def double(t: Ops, rz: int, low: Value, high: Value) -> None:
    """{RZ+1, RZ} ← {HIGH, LOW} * 2, saturated"""
    results = [product.sign_extend_64().shl(1).saturate_signed(32) for product in (low, high)]
    t[rz], t[(rz + 1) % 32] = results


@two_products("prmul.s16.h",    "100001 01101", S16)
@two_products("prmulx.s16.h",   "100001 01111", S16, "x")
def upper(t: Ops, rz: int, low: Value, high: Value) -> None:
    """RZ ← {(HIGH)[30:15], (LOW)[30:15]}, saturated"""
    t[rz] = joined(16, (S16.saturated(product.sar(15)) for product in (low, high)))


@two_products("prmul.s16.rh",   "100001 11101", S16)
@two_products("prmulx.s16.rh",  "100001 11111", S16, "x")
def upper_rounded(t: Ops, rz: int, low: Value, high: Value) -> None:
    """RZ ← {(HIGH + 2^14)[30:15], (LOW + 2^14)[30:15]}, saturated"""
    t[rz] = joined(16, (S16.saturated((product + 0x4000).sar(15)) for product in (low, high)))

# fmt: on


@insn("mulaca.s8", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 111001 00110 rz:5")
def mulaca_s8(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← the sum of RX * RY over the four signed bytes"""
    t[rz] = _over_bytes(lambda index: S8.of(t[rx], index) * S8.of(t[ry], index))


@insn("psabsa.u8", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 111000 00010 rz:5")
def psabsa_u8(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← the sum of |RX - RY| over the four unsigned bytes"""
    t[rz] = _over_bytes(lambda index: _distance(U8.of(t[rx], index), U8.of(t[ry], index)))


@insn("psabsaa.u8", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 111000 01010 rz:5")
def psabsaa_u8(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """RZ ← RZ + the sum of |RX - RY| over the four unsigned bytes"""
    t[rz] = t[rz] + _over_bytes(lambda index: _distance(U8.of(t[rx], index), U8.of(t[ry], index)))


def _over_bytes(term: Callable[[int], Value]) -> Value:
    return term(0) + term(1) + term(2) + term(3)


def _distance(x: Value, y: Value) -> Value:
    difference = x - y
    sign = difference.sar(31)
    return (difference ^ sign) - sign


@insn("mula.u32.s", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 100000 01100 rz:5")
def mula_u32_s(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """{RZ+1, RZ} ← {RZ+1, RZ} + RX * RY (unsigned), saturated"""
    write_pair(t, rz, add_unsigned_64(read_pair(t, rz), t[rx].zero_extend_64() * t[ry].zero_extend_64()))


@insn("mula.s32.s", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 100000 11100 rz:5")
def mula_s32_s(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """{RZ+1, RZ} ← {RZ+1, RZ} + RX * RY (signed), saturated"""
    write_pair(t, rz, add_signed_64(read_pair(t, rz), t[rx].sign_extend_64() * t[ry].sign_extend_64()))


@insn("muls.u32.s", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 100000 01110 rz:5")
def muls_u32_s(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """{RZ+1, RZ} ← {RZ+1, RZ} - RX * RY (unsigned), saturated"""
    write_pair(t, rz, subtract_unsigned_64(read_pair(t, rz), t[rx].zero_extend_64() * t[ry].zero_extend_64()))


@insn("muls.s32.s", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 100000 11110 rz:5")
def muls_s32_s(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """{RZ+1, RZ} ← {RZ+1, RZ} - RX * RY (signed), saturated"""
    write_pair(t, rz, subtract_signed_64(read_pair(t, rz), t[rx].sign_extend_64() * t[ry].sign_extend_64()))


@insn("divul", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 111000 10011 rz:5")
def divul(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """{RZ+1, RZ} ← {RX+1, RX} / RY (unsigned)"""
    write_pair(t, rz, t.divide_unsigned(read_pair(t, rx), t[ry].zero_extend_64()))


@insn("divsl", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 111000 10111 rz:5")
def divsl(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """{RZ+1, RZ} ← {RX+1, RX} / RY (signed)"""
    write_pair(t, rz, t.divide_signed(read_pair(t, rx), t[ry].sign_extend_64()))
