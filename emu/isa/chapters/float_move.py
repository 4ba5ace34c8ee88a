"""Floating point: conversion, moves, loads and stores."""

from collections.abc import Callable

from emu.isa.chapters.control import mfcr32, mtcr32
from emu.isa.chapters.float_operands import FloatImm, FloatLiteral, FReg, FRegRange, float_range_registers
from emu.isa.chapters.lanes import define
from emu.isa.insn import Flow, insn
from emu.isa.operands import Imm, Reg, Words, literal_address
from emu.isa.ops import Ops, Rounding, Value

# Integers lie in floating-point registers, too.

Convert = Callable[[Ops, Value, Rounding], Value]


def rounding(mnemonic: str, thop: str, mode: Rounding) -> Callable[[Convert], Convert]:
    """Declare one of the conversions that the decorated function (t, value, mode) does."""

    def declare(convert: Convert) -> Convert:
        def execute(t: Ops, frz: FReg, frx: FReg) -> None:
            t.f[frz] = convert(t, t.f[frx], mode)

        define(execute, mnemonic, convert, (convert.__doc__ or "").replace("MODE", _MODES[mode]))
        insn(mnemonic, "{frz}, {frx}", f"111101 00000 0 frx:4 000110 {thop} 0 frz:4")(execute)
        return convert

    return declare


_MODES = {
    Rounding.NEAREST: "to the nearest",
    Rounding.ZERO: "towards zero",
    Rounding.UP: "upwards",
    Rounding.DOWN: "downwards",
}

# fmt: off


@rounding("fstosi.rn",  "00000", Rounding.NEAREST)
@rounding("fstosi.rz",  "00001", Rounding.ZERO)
@rounding("fstosi.rpi", "00010", Rounding.UP)
@rounding("fstosi.rni", "00011", Rounding.DOWN)
def to_signed(t: Ops, value: Value, mode: Rounding) -> Value:
    """FRZ ← FRX as a signed integer, rounded MODE, saturated"""
    return t.float_to_signed(value, mode)


@rounding("fstoui.rn",  "00100", Rounding.NEAREST)
@rounding("fstoui.rz",  "00101", Rounding.ZERO)
@rounding("fstoui.rpi", "00110", Rounding.UP)
@rounding("fstoui.rni", "00111", Rounding.DOWN)
def to_unsigned(t: Ops, value: Value, mode: Rounding) -> Value:
    """FRZ ← FRX as an unsigned integer, rounded MODE, saturated"""
    return t.float_to_unsigned(value, mode)

# fmt: on


@insn("fsitos", "{frz}, {frx}", "111101 00000 0 frx:4 000110 10000 0 frz:4")
def fsitos(t: Ops, frz: FReg, frx: FReg) -> None:
    """FRZ ← the signed integer FRX as a float"""
    t.f[frz] = t.float_from_signed(t.f[frx])


@insn("fuitos", "{frz}, {frx}", "111101 00000 0 frx:4 000110 10001 0 frz:4")
def fuitos(t: Ops, frz: FReg, frx: FReg) -> None:
    """FRZ ← the unsigned integer FRX as a float"""
    t.f[frz] = t.float_from_unsigned(t.f[frx])


@insn("fmovs", "{frz}, {frx}", "111101 00000 0 frx:4 000000 00100 0 frz:4")
def fmovs(t: Ops, frz: FReg, frx: FReg) -> None:
    """FRZ ← FRX"""
    t.f[frz] = t.f[frx]


@insn("fmovis", "{frz}, {value}", "111101 0 value:4 value:5 000111 00 value:4 frz:4")
def fmovis(t: Ops, frz: FReg, value: FloatImm) -> None:
    """FRZ ← VALUE"""
    t.f[frz] = t.constant(value)


@insn("fmfvrl", "{rz}, {frx}", "111101 00000 0 frx:4 000110 11001 rz:5")
def fmfvrl(t: Ops, rz: Reg, frx: FReg) -> None:
    """RZ ← FRX"""
    t[rz] = t.f[frx]


@insn("fmtvrl", "{frz}, {rx}", "111101 00000 rx:5 000110 11011 0 frz:4")
def fmtvrl(t: Ops, frz: FReg, rx: Reg) -> None:
    """FRZ ← RX"""
    t.f[frz] = t[rx]


@insn("flds", "{frz}, ({rx}, {offset:#x})", "111101 0 offset:4 rx:5 001000 00 offset:4 frz:4")
def flds(t: Ops, frz: FReg, rx: Reg, offset: Words) -> None:
    """FRZ ← MEM32[RX + OFFSET]"""
    t.f[frz] = t.load(t[rx] + offset, 4)


@insn("fsts", "{frz}, ({rx}, {offset:#x})", "111101 0 offset:4 rx:5 001001 00 offset:4 frz:4")
def fsts(t: Ops, frz: FReg, rx: Reg, offset: Words) -> None:
    """MEM32[RX + OFFSET] ← FRZ"""
    t.store(t[rx] + offset, 4, t.f[frz])


@insn("fldrs", "{frz}, ({rx}, {ry} << {shift})", "111101 ry:5 rx:5 001010 000 shift:2 0 frz:4")
def fldrs(t: Ops, frz: FReg, rx: Reg, ry: Reg, shift: Imm) -> None:
    """FRZ ← MEM32[RX + (RY << SHIFT)]"""
    t.f[frz] = t.load(t[rx] + t[ry].shl(shift), 4)


@insn("fstrs", "{frz}, ({rx}, {ry} << {shift})", "111101 ry:5 rx:5 001011 000 shift:2 0 frz:4")
def fstrs(t: Ops, frz: FReg, rx: Reg, ry: Reg, shift: Imm) -> None:
    """MEM32[RX + (RY << SHIFT)] ← FRZ"""
    t.store(t[rx] + t[ry].shl(shift), 4, t.f[frz])


@insn("fldms", "{registers}, ({rx})", "111101 0 registers:4 rx:5 001100 00000 0 registers:4")
def fldms(t: Ops, registers: FRegRange, rx: Reg) -> None:
    """the registers ← consecutive words from MEM32[RX]"""
    base = t[rx]
    for index, register in enumerate(float_range_registers(registers)):
        t.f[register] = t.load(base + 4 * index, 4)


@insn("fstms", "{registers}, ({rx})", "111101 0 registers:4 rx:5 001101 00000 0 registers:4")
def fstms(t: Ops, registers: FRegRange, rx: Reg) -> None:
    """consecutive words from MEM32[RX] ← the registers"""
    base = t[rx]
    for index, register in enumerate(float_range_registers(registers)):
        t.store(base + 4 * index, 4, t.f[register])


# GUESS: the assembler takes flrws for this CPU, the vendor's QEMU refuses it and its compiler never uses it;
# firmware that has it can only mean a load.
@insn("flrws", "{frz}, {offset}", "111101 0 offset:4 00000 001110 00 offset:4 frz:4")
def flrws(t: Ops, frz: FReg, offset: FloatLiteral) -> None:
    """FRZ ← MEM32[(PC + OFFSET) & ~3]"""
    t.f[frz] = t.load_literal(literal_address(t.pc, offset))


# FCR is cr<1, 2> and FESR cr<2, 2>. Unlike the other control registers they are open to user mode.


@insn(
    "mfcr",
    "{rz}, cr<{index}, 2>",
    "110000 00010 index:5 011000 00001 rz:5",
    flow=Flow.SYSTEM,
    inline=True,
    refines=mfcr32,
)
def mfcr32_float(t: Ops, rz: Reg, index: Imm) -> None:
    """RZ ← CR<INDEX, 2>"""
    t[rz] = t.read_control(index, 2)


@insn(
    "mtcr",
    "{rx}, cr<{index}, 2>",
    "110000 00010 rx:5 011001 00001 index:5",
    flow=Flow.SYSTEM,
    inline=True,
    refines=mtcr32,
)
def mtcr32_float(t: Ops, rx: Reg, index: Imm) -> None:
    """CR<INDEX, 2> ← RX"""
    t.write_control(index, 2, t[rx])
