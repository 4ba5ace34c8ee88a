"""DSP: saturating, halving and packed addition and subtraction."""

from collections.abc import Callable

from emu.isa.chapters.lanes import BYTE, HALF, S8, S16, S32, U8, U16, U32, Lane, define, joined, packed
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

# fmt: off


@packed("padd.8",     "110000 00010", BYTE)
@packed("padd.16",    "110000 00000", HALF)
def add(t: Ops, lane: Lane, x: Value, y: Value) -> Value:
    """RZ ← RX + RY"""
    return x + y


@packed("psub.8",     "110001 00010", BYTE)
@packed("psub.16",    "110001 00000", HALF)
def subtract(t: Ops, lane: Lane, x: Value, y: Value) -> Value:
    """RZ ← RX - RY"""
    return x - y


@packed("padd.u8.s",  "110000 01010", U8)
@packed("padd.s8.s",  "110000 01110", S8)
@packed("padd.u16.s", "110000 01000", U16)
@packed("padd.s16.s", "110000 01100", S16)
@packed("add.u32.s",  "110000 01001", U32)
@packed("add.s32.s",  "110000 01101", S32)
def add_saturated(t: Ops, lane: Lane, x: Value, y: Value) -> Value:
    """RZ ← RX + RY, saturated"""
    return lane.saturated(x + y)


@packed("psub.u8.s",  "110001 01010", U8)
@packed("psub.s8.s",  "110001 01110", S8)
@packed("psub.u16.s", "110001 01000", U16)
@packed("psub.s16.s", "110001 01100", S16)
@packed("sub.u32.s",  "110001 01001", U32)
@packed("sub.s32.s",  "110001 01101", S32)
def subtract_saturated(t: Ops, lane: Lane, x: Value, y: Value) -> Value:
    """RZ ← RX - RY, saturated"""
    return lane.saturated(x - y)


@packed("paddh.u8",   "110000 10010", U8)
@packed("paddh.s8",   "110000 10110", S8)
@packed("paddh.u16",  "110000 10000", U16)
@packed("paddh.s16",  "110000 10100", S16)
@packed("addh.u32",   "110000 10001", U32)
@packed("addh.s32",   "110000 10101", S32)
def add_halved(t: Ops, lane: Lane, x: Value, y: Value) -> Value:
    """RZ ← (RX + RY) >> 1"""
    return (x + y).sar(1)


@packed("psubh.u8",   "110001 10010", U8)
@packed("psubh.s8",   "110001 10110", S8)
@packed("psubh.u16",  "110001 10000", U16)
@packed("psubh.s16",  "110001 10100", S16)
@packed("subh.u32",   "110001 10001", U32)
@packed("subh.s32",   "110001 10101", S32)
def subtract_halved(t: Ops, lane: Lane, x: Value, y: Value) -> Value:
    """RZ ← (RX - RY) >> 1"""
    return (x - y).sar(1)


# Crosswise: the high half of RX goes with the low half of RY. Two letters say what the high half and what
# the low half does.

Finish = Callable[[Ops, Lane, Value], Value]


def crossed(mnemonic: str, opcode: str, lane: Lane, high: str) -> Callable[[Finish], Finish]:
    """Declare an instruction whose high half does `high` (+ or -) and whose low half does the opposite."""

    def declare(finish: Finish) -> Finish:
        def execute(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
            def half(index: int, operator: str) -> Value:
                x, y = lane.of(t[rx], index), lane.of(t[ry], 1 - index)
                return finish(t, lane, x + y if operator == "+" else x - y)

            t[rz] = joined(16, (half(index, operator) for index, operator in enumerate((low, high))))

        low = "-" if high == "+" else "+"
        halves = f"{{RX[31:16] {high} RY[15:0], RX[15:0] {low} RY[31:16]}}"
        define(execute, mnemonic, finish, (finish.__doc__ or "").replace("HALVES", halves) + lane.note)
        insn(mnemonic, "{rz}, {rx}, {ry}", f"111110 ry:5 rx:5 {opcode} rz:5")(execute)
        return finish

    return declare


@crossed("pasx.16",    "110010 00011", HALF, "+")
@crossed("psax.16",    "110011 00011", HALF, "-")
def cross(t: Ops, lane: Lane, result: Value) -> Value:
    """RZ ← HALVES"""
    return result


@crossed("pasx.u16.s", "110010 01011", U16, "+")
@crossed("pasx.s16.s", "110010 01111", S16, "+")
@crossed("psax.u16.s", "110011 01011", U16, "-")
@crossed("psax.s16.s", "110011 01111", S16, "-")
def cross_saturated(t: Ops, lane: Lane, result: Value) -> Value:
    """RZ ← HALVES, saturated"""
    return lane.saturated(result)


@crossed("pasxh.u16",  "110010 10011", U16, "+")
@crossed("pasxh.s16",  "110010 10111", S16, "+")
@crossed("psaxh.u16",  "110011 10011", U16, "-")
@crossed("psaxh.s16",  "110011 10111", S16, "-")
def cross_halved(t: Ops, lane: Lane, result: Value) -> Value:
    """RZ ← HALVES >> 1"""
    return result.sar(1)

# fmt: on

# Register pairs.


@insn("add.u64.s", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110000 01011 rz:5")
def add_u64_s(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """{RZ+1, RZ} ← {RX+1, RX} + {RY+1, RY}, saturated (unsigned)"""
    write_pair(t, rz, add_unsigned_64(read_pair(t, rx), read_pair(t, ry)))


@insn("add.s64.s", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110000 01111 rz:5")
def add_s64_s(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """{RZ+1, RZ} ← {RX+1, RX} + {RY+1, RY}, saturated (signed)"""
    write_pair(t, rz, add_signed_64(read_pair(t, rx), read_pair(t, ry)))


@insn("sub.u64.s", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110001 01011 rz:5")
def sub_u64_s(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """{RZ+1, RZ} ← {RX+1, RX} - {RY+1, RY}, saturated (unsigned)"""
    write_pair(t, rz, subtract_unsigned_64(read_pair(t, rx), read_pair(t, ry)))


@insn("sub.s64.s", "{rz}, {rx}, {ry}", "111110 ry:5 rx:5 110001 01111 rz:5")
def sub_s64_s(t: Ops, rz: Reg, rx: Reg, ry: Reg) -> None:
    """{RZ+1, RZ} ← {RX+1, RX} - {RY+1, RY}, saturated (signed)"""
    write_pair(t, rz, subtract_signed_64(read_pair(t, rx), read_pair(t, ry)))
